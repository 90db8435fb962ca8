import { describe, expect, it } from "vitest";
import { quantile } from "../quantile.ts";
import { lognormalOf } from "./lognormal-of.ts";

const SHAPE = { medianMs: 50, p99OverMedian: 20 };

describe("lognormalOf", () => {
  it("lognormalOf gives a row the same latency every time", () => {
    expect(lognormalOf(7, SHAPE)).toBe(lognormalOf(7, SHAPE));
    expect(lognormalOf(7, SHAPE)).not.toBe(lognormalOf(8, SHAPE));
  });

  it("lognormalOf has the median and the tail that are asked for", () => {
    const latencies = Array.from({ length: 100_000 }, (_, row) => lognormalOf(row, SHAPE));
    expect(quantile(latencies, 0.5) / 50).toBeCloseTo(1, 1);
    expect(quantile(latencies, 0.99) / 1000).toBeCloseTo(1, 1);
  });
});
