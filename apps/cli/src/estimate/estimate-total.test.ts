import { sample } from "@parallel-parrot/tidy";
import { describe, expect, it } from "vitest";
import { estimateTotal } from "./estimate-total.ts";

describe("estimateTotal", () => {
  it("estimateTotal is exact where the sample is everything", () => {
    expect(estimateTotal([1, 2, 6], 3)).toEqual({ estimate: 9, low: 9, high: 9 });
    expect(estimateTotal([], 0)).toEqual({ estimate: 0, low: 0, high: 0 });
  });

  it("estimateTotal agrees with the textbook: Student's t with finite population correction", () => {
    // Mean 5, deviation √10, standard error 100 × √10 × √0.95 / √5, t with 4 degrees of freedom 2.776.
    const { estimate, low, high } = estimateTotal([1, 3, 5, 7, 9], 100);
    const margin = (2.776 * 100 * Math.sqrt(10) * Math.sqrt(0.95)) / Math.sqrt(5);
    expect(estimate).toBe(500);
    expect(high).toBeCloseTo(500 + margin, 6);
    expect(low).toBeCloseTo(500 - margin, 6);
  });

  it("estimateTotal has no interval below the sum of the sample, and no upper end for one value", () => {
    expect(estimateTotal([0, 0, 0, 100], 8).low).toBe(100);
    expect(estimateTotal([7], 10)).toEqual({ estimate: 70, low: 7, high: Number.POSITIVE_INFINITY });
  });

  it("estimateTotal has the true total inside its interval in about 95 of 100 samples", () => {
    // Lengths with a long tail, as answers have.
    const lengths = Array.from({ length: 400 }, (_, index) => 40 + ((index * 7919) % 400) ** 1.2);
    const truth = lengths.reduce((sum, length) => sum + length, 0);
    let hits = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const { low, high } = estimateTotal(sample(lengths, { size: 20, seed }), 400);
      if (low <= truth && truth <= high) hits += 1;
    }
    expect(hits).toBeGreaterThan(930);
    expect(hits).toBeLessThan(970);
  });
});
