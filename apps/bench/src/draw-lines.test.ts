import { describe, expect, it } from "vitest";
import { drawLines } from "./draw-lines.ts";

describe("drawLines", () => {
  it("drawLines draws each series to the scale of the greatest, and tells which line is which", () => {
    const svg = drawLines({
      title: "Memory",
      subtitle: "",
      series: [
        { title: "small & steady", at: [0, 50, 100], values: [0, 50, 50] },
        { title: "large", at: [0, 100], values: [0, 100] },
      ],
      across: "rows",
      up: "MB",
    });
    const lines = [...svg.matchAll(/points="([^"]*)"/g)].map(([, points = ""]) =>
      points.split(" ").map((point) => point.split(",").map(Number)),
    );
    const [[zero, , half] = [], [, whole] = []] = lines;
    const heightOf = (point: number[] | undefined): number => (zero?.[1] ?? 0) - (point?.[1] ?? 0);
    expect(heightOf(whole)).toBe(2 * heightOf(half));
    expect(half?.[0]).toBe(whole?.[0]);
    expect(svg).toContain("small &amp; steady");
  });
});
