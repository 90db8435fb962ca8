import { describe, expect, it } from "vitest";
import { drawBars } from "./draw-bars.ts";

describe("drawBars", () => {
  it("drawBars draws the longest bar first, to scale, with what XML needs escaped", () => {
    const svg = drawBars({
      title: "Rows & more",
      subtitle: "",
      bars: [
        { label: "half", value: 500, note: "", stands: false },
        { label: "<whole>", value: 1000, note: "rows/s", stands: true },
      ],
    });
    const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths[0]).toBe(2 * (widths[1] ?? 0));
    expect(svg.indexOf("&lt;whole>")).toBeLessThan(svg.indexOf(">half<"));
    expect(svg).toContain("Rows &amp; more");
    expect(svg).toContain("1,000");
  });
});
