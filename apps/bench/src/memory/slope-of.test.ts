import { describe, expect, it } from "vitest";
import { slopeOf } from "./slope-of.ts";

describe("slopeOf", () => {
  it("slopeOf finds the bytes a row adds, without the warm-up", () => {
    // 1,000 rows a sample; 3 bytes a row after a warm-up that grows much faster.
    const samples = Array.from({ length: 100 }, (_, sample) => {
      const rows = (sample + 1) * 1000;
      return rows <= 20_000 ? 500 * rows : 10_000_000 + 3 * rows;
    });
    expect(slopeOf(samples, 100_000, 20_000)).toBeCloseTo(3);
  });

  it("slopeOf tells nothing from a few samples", () => {
    expect(slopeOf([1, 2, 3], 1000, 0)).toBeUndefined();
  });
});
