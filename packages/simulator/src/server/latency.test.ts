import { describe, expect, it } from "vitest";
import { drawLatencyMs } from "./latency.ts";
import { createRandom } from "../random.ts";

describe("drawLatencyMs", () => {
  it("drawLatencyMs draws no latency, a fixed one or one that grows with the tokens", () => {
    const random = createRandom(1);
    expect(drawLatencyMs({ kind: "none" }, 100, random)).toBe(0);
    expect(drawLatencyMs({ kind: "fixed", ms: 30 }, 100, random)).toBe(30);
    expect(drawLatencyMs({ kind: "perToken", baseMs: 50, msPerToken: 2 }, 100, random)).toBe(250);
  });

  it("drawLatencyMs draws lognormal latencies with the given median and 99th percentile", () => {
    const random = createRandom(7);
    const latency = { kind: "lognormal", medianMs: 100, p99Ms: 2000 } as const;
    const drawn = Array.from({ length: 50_000 }, () => drawLatencyMs(latency, 0, random)).toSorted(
      (a, b) => a - b,
    );
    const quantile = (share: number) => drawn[Math.floor(share * drawn.length)] ?? 0;
    expect(quantile(0.5)).toBeGreaterThan(95);
    expect(quantile(0.5)).toBeLessThan(105);
    expect(quantile(0.99)).toBeGreaterThan(1800);
    expect(quantile(0.99)).toBeLessThan(2200);
  });
});

describe("createRandom", () => {
  it("createRandom depends on all its seeds and is uniform", () => {
    const take = (...seeds: number[]) => {
      const random = createRandom(...seeds);
      return Array.from({ length: 4 }, () => random());
    };
    expect(take(1, 2)).toEqual(take(1, 2));
    for (const other of [take(2, 1), take(1, 3), take(1), take(1, 2, 0)])
      expect(other).not.toEqual(take(1, 2));
    // These are the first draws of neighbouring seeds, by which a share of requests is picked.
    const firsts = Array.from({ length: 20_000 }, (_, seed) => createRandom(1, seed)());
    expect(firsts.reduce((sum, value) => sum + value, 0) / firsts.length).toBeCloseTo(0.5, 1);
    expect(firsts.filter((value) => value < 0.1).length / firsts.length).toBeCloseTo(0.1, 2);
    expect(firsts.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
