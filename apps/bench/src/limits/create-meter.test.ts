import { describe, expect, it } from "vitest";
import { createMeter } from "./create-meter.ts";

/** When a client that asks every 10 ms for five minutes is let in, at a limit of 600 a minute. */
function rush(kind: keyof typeof createMeter): readonly number[] {
  const meter = createMeter[kind](600, 0);
  const times: number[] = [];
  for (let now = 0; now < 300_000; now += 10) {
    if (meter.waitFor(1, now) > 0) continue;
    meter.take(1, now);
    times.push(now);
  }
  return times;
}

function mostWithin(times: readonly number[], ms: number): number {
  let most = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while (time - (times[first] ?? time) >= ms) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe("createMeter", () => {
  it("a meter lets a sliding minute never hold more than the limit", () => {
    const times = rush("sliding minute");
    expect(mostWithin(times, 60_000)).toBe(600);
    expect(times).toHaveLength(3000);
  });

  it("a meter lets a fixed minute be used up at each of its turns", () => {
    const times = rush("fixed minute");
    // What is left of the first minute, then five whole ones, of which the last has just begun.
    expect(times).toHaveLength(500 + 5 * 600);
    expect(mostWithin(times, 60_000)).toBeGreaterThan(600);
  });

  it.each([
    ["1.5 s bucket", 15],
    ["minute bucket", 600],
  ] as const)("a meter fills a %s continuously from full", (kind, capacity) => {
    const times = rush(kind);
    expect(times).toHaveLength(3000 + capacity - 1);
  });

  it.each(["1.5 s bucket", "minute bucket", "sliding minute", "fixed minute"] as const)(
    "a meter tells in a %s how long to wait, to the moment",
    (kind) => {
      const meter = createMeter[kind](600, 0);
      while (meter.waitFor(5, 1000) === 0) meter.take(5, 1000);
      expect(meter.remaining(1000)).toBeLessThan(5);
      const waitMs = meter.waitFor(5, 1000);
      expect(waitMs).toBeGreaterThan(0);
      expect(meter.waitFor(5, 1000 + waitMs - 1)).toBeGreaterThan(0);
      expect(meter.waitFor(5, 1000 + waitMs)).toBe(0);
    },
  );
});
