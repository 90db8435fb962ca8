import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketWindow, fixedWindow, slidingWindow, type RateWindow } from "./rate-window.ts";

const LIMIT = 20;
const WINDOW_MS = 1000;

interface Taken {
  readonly timeMs: number;
  readonly amount: number;
}

/** Attempts to take an amount, with the time since the attempt before. */
const ATTEMPTS = fc.array(
  fc.tuple(fc.double({ min: 0, max: 400, noNaN: true }), fc.integer({ min: 1, max: LIMIT })),
  {
    maxLength: 80,
  },
);

/** The attempts of a series that a window admits. */
function admit(window: RateWindow, attempts: readonly (readonly [number, number])[]): Taken[] {
  const taken: Taken[] = [];
  let timeMs = 0;
  for (const [stepMs, amount] of attempts) {
    timeMs += stepMs;
    if (window.waitMs(amount, timeMs) > 0) continue;
    window.take(amount, timeMs);
    taken.push({ timeMs, amount });
  }
  return taken;
}

function sum(taken: readonly Taken[]): number {
  return taken.reduce((total, { amount }) => total + amount, 0);
}

describe("bucketWindow", () => {
  it.each([WINDOW_MS, WINDOW_MS / 4])(
    "bucketWindow admits at most a bucket of %d ms and the refill since",
    (burstMs) => {
      fc.assert(
        fc.property(ATTEMPTS, (attempts) => {
          const capacity = (LIMIT * burstMs) / WINDOW_MS;
          const taken = admit(bucketWindow(LIMIT, WINDOW_MS, burstMs), attempts);
          for (const [first, { timeMs: startMs }] of taken.entries()) {
            const since = taken.slice(first);
            const lastMs = since.at(-1)?.timeMs ?? startMs;
            const owed = Math.max(0, ...since.map(({ amount }) => amount - capacity));
            expect(sum(since)).toBeLessThanOrEqual(
              capacity + owed + ((lastMs - startMs) * LIMIT) / WINDOW_MS + 1e-3,
            );
          }
        }),
      );
    },
  );

  it("bucketWindow admits an amount above its size when it is full, and makes the next one wait for the debt", () => {
    const window = bucketWindow(60, 60_000, 500);
    expect(window.waitMs(1, 0)).toBe(0);
    window.take(1, 0);
    expect(window.waitMs(1, 0)).toBeCloseTo(1000);
    expect(window.waitMs(1, 1000)).toBe(0);
  });
});

describe("fixedWindow", () => {
  it("fixedWindow admits at most the limit in each window", () => {
    fc.assert(
      fc.property(ATTEMPTS, (attempts) => {
        const taken = admit(fixedWindow(LIMIT, WINDOW_MS), attempts);
        const byWindow = Map.groupBy(taken, ({ timeMs }) => Math.floor(timeMs / WINDOW_MS));
        for (const inWindow of byWindow.values()) expect(sum(inWindow)).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });
});

describe("slidingWindow", () => {
  it("slidingWindow admits at most the limit in any period as long as the window", () => {
    fc.assert(
      fc.property(ATTEMPTS, (attempts) => {
        const taken = admit(slidingWindow(LIMIT, WINDOW_MS), attempts);
        for (const { timeMs: endMs } of taken) {
          const within = taken.filter(({ timeMs }) => timeMs <= endMs && timeMs + WINDOW_MS > endMs);
          expect(sum(within)).toBeLessThanOrEqual(LIMIT);
        }
      }),
    );
  });

  it("slidingWindow forgets old entries of its log, however many there are", () => {
    const window = slidingWindow(10, 10);
    for (let timeMs = 0; timeMs < 5000; timeMs++) window.take(1, timeMs);
    expect(window.used(4999)).toBe(10);
    expect(window.used(6000)).toBe(0);
  });
});

describe.each<[string, () => RateWindow]>([
  ["bucketWindow", () => bucketWindow(LIMIT, WINDOW_MS, WINDOW_MS)],
  ["fixedWindow", () => fixedWindow(LIMIT, WINDOW_MS)],
  ["slidingWindow", () => slidingWindow(LIMIT, WINDOW_MS)],
])("the wait of %s", (kind, create) => {
  it(`the wait that ${kind} tells is long enough, and not longer than necessary`, () => {
    fc.assert(
      fc.property(ATTEMPTS, fc.integer({ min: 1, max: LIMIT }), (attempts, amount) => {
        const window = create();
        const lastMs = admit(window, attempts).at(-1)?.timeMs ?? 0;
        const waitMs = window.waitMs(amount, lastMs);
        const tooEarly = waitMs > 1 ? window.waitMs(amount, lastMs + waitMs - 1) : Infinity;
        expect(tooEarly).toBeGreaterThan(0);
        expect(window.waitMs(amount, lastMs + waitMs + 1e-6)).toBe(0);
      }),
    );
  });

  it(`the wait that ${kind} tells is over when nothing of the limit is used`, () => {
    const window = create();
    window.take(LIMIT, 100);
    const resetMs = window.resetMs(100);
    expect(resetMs).toBeGreaterThan(0);
    expect(window.used(100 + resetMs + 1e-6)).toBeCloseTo(0);
  });
});
