import { describe, expect, it } from "vitest";
import { median, quantile } from "./quantile.ts";

describe("quantile", () => {
  it("quantile interpolates between neighbours, whatever the order", () => {
    expect(quantile([40, 10, 30, 20], 0.25)).toBe(17.5);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it("quantile is no number where there are no values", () => {
    expect(median([])).toBeNaN();
  });
});
