import { describe, expect, it } from "vitest";
import { estimateTotal } from "./estimate-total.ts";
import { randomSample } from "./random-sample.ts";

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number;
}

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

  it("estimateTotal has the true total inside its interval in about 95 of 100 samples", async () => {
    // Lengths with a long tail, as answers have.
    const lengths = Array.from({ length: 400 }, (_, index) => 40 + ((index * 7919) % 400) ** 1.2);
    const truth = lengths.reduce((sum, length) => sum + length, 0);
    let hits = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const { items } = await randomSample(numbers(400), 20, seed);
      const { low, high } = estimateTotal(
        items.map((item) => lengths[item] ?? Number.NaN),
        400,
      );
      if (low <= truth && truth <= high) hits += 1;
    }
    expect(hits).toBeGreaterThan(930);
    expect(hits).toBeLessThan(970);
  });
});

describe("randomSample", () => {
  it("randomSample draws every item with the same chance, each at most once, the same ones for the same seed", async () => {
    const counts = Array.from({ length: 50 }, () => 0);
    for (let seed = 0; seed < 2000; seed++) {
      const { items, total } = await randomSample(numbers(50), 10, seed);
      expect([new Set(items).size, total]).toEqual([10, 50]);
      for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
    }
    // 400 expected each; five standard deviations are 90.
    expect(Math.min(...counts)).toBeGreaterThan(310);
    expect(Math.max(...counts)).toBeLessThan(490);
    expect(await randomSample(numbers(50), 10, 3)).toEqual(await randomSample(numbers(50), 10, 3));
    expect(await randomSample(numbers(50), 10, 3)).not.toEqual(await randomSample(numbers(50), 10, 4));
  });

  it("randomSample of a stream that is smaller than the sample is the whole stream", async () => {
    expect(await randomSample(numbers(3), 10, 1)).toEqual({ items: [0, 1, 2], total: 3 });
  });
});
