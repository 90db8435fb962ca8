import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLimiter, createVirtualClock, type Limiter, type Permit, type VirtualClock } from "./index.ts";

/** Runs by default; `LIMITER_RUNS=5000` is the long form. */
const numRuns = Number(process.env["LIMITER_RUNS"] ?? 300);

type Ending = "settle" | "refund" | "throttle" | "dispose" | "twice";

const request = fc.record({
  gapMs: fc.nat(400),
  tokens: fc.integer({ min: 1, max: 1500 }),
  /** What it takes in the end, as a part of what was reserved. */
  actual: fc.double({ min: 0.1, max: 1, noNaN: true }),
  latencyMs: fc.integer({ min: 1, max: 20_000 }),
  ending: fc.constantFrom<Ending>("settle", "settle", "settle", "refund", "throttle", "dispose", "twice"),
  abortAfterMs: fc.option(fc.nat(3000)),
});

interface Sent {
  readonly at: number;
  readonly tokens: number;
}

function close(permit: Permit, ending: Ending, tokens: number): void {
  const actual = { requests: 1, tokens };
  if (ending === "settle" || ending === "twice") permit.settle(actual, 10);
  if (ending === "refund") permit.refund();
  if (ending === "throttle") permit.throttle({ retryAfterMs: 300 });
  permit[Symbol.dispose]();
  if (ending !== "twice") return;
  permit.settle(actual);
  permit.throttle();
  permit.refund();
}

describe("the limiter, whatever its callers do", () => {
  it("the limiter keeps to every limit in every window and to the concurrency, and leaks nothing, whatever its callers do", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 80 }),
        fc.nat(),
        async (requests, seed) => {
          const clock = createVirtualClock();
          const limiter = createLimiter({
            clock,
            random: () => (seed % 1000) / 1000,
            limits: { requestsPerMinute: 120, tokensPerMinute: 30_000 },
            maxConcurrency: 20,
          });
          const sent: Sent[] = [];
          const done: Promise<unknown>[] = [];
          const strangers: unknown[] = [];
          for (const { gapMs, tokens, actual, latencyMs, ending, abortAfterMs } of requests) {
            const stop = new AbortController();
            if (abortAfterMs !== null) clock.after(abortAfterMs, () => stop.abort());
            const sending = limiter
              .reserve({ requests: 1, tokens }, { signal: stop.signal })
              .then((permit) => {
                expect(limiter.inFlight).toBeLessThanOrEqual(20);
                const used = ending === "settle" || ending === "twice" ? Math.ceil(tokens * actual) : 0;
                if (used > 0) sent.push({ at: permit.sentAt, tokens: used });
                return clock.after(latencyMs, () => close(permit, ending, used));
              });
            done.push(
              sending.catch((error: unknown) => void (error === stop.signal.reason || strangers.push(error))),
            );
            await clock.advance(gapMs);
          }
          await clock.advance(3_600_000);
          await Promise.all(done);
          expect(strangers).toEqual([]);
          expect(mostIn(sent, () => 1)).toBeLessThanOrEqual(120);
          expect(mostIn(sent, ({ tokens }) => tokens)).toBeLessThanOrEqual(30_000);
          expectEmpty(limiter, clock);
        },
      ),
      { numRuns },
    );
  });

  it("the limiter keeps nothing of a request that was aborted", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock, limits: { requestsPerMinute: 60 } });
    limiter.tryReserve({ requests: 1 })?.refund();
    limiter.tryReserve({ requests: 60 })?.settle({ requests: 60 });
    const stop = new AbortController();
    const waiting = Array.from({ length: 1000 }, () =>
      limiter.reserve({ requests: 1 }, { signal: stop.signal }),
    );
    const settled = Promise.allSettled(waiting);
    expect(limiter.waiting).toBe(1000);
    stop.abort(new Error("enough"));
    const reasons = (await settled).map((one) => (one.status === "rejected" ? String(one.reason) : ""));
    expect(new Set(reasons)).toEqual(new Set(["Error: enough"]));
    expectEmpty(limiter, clock);
  });

  it("the limiter serves in order of arrival, whoever asks", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock, limits: { requestsPerMinute: 600 } });
    const order: number[] = [];
    const all = Array.from({ length: 100 }, (_, i) =>
      limiter.reserve({ requests: 1 }).then((permit) => {
        order.push(i);
        return permit.settle({ requests: 1 });
      }),
    );
    await clock.advance(60_000);
    await Promise.all(all);
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("the limiter gives several pipelines that share it one limit together", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock, limits: { requestsPerMinute: 600 } });
    const counts = [0, 0, 0];
    let isOver = false;
    const pipeline = async (which: number): Promise<void> => {
      while (!isOver) {
        const permit = await limiter.reserve({ requests: 1 });
        counts[which] = (counts[which] ?? 0) + 1;
        clock.after(700, () => permit.settle({ requests: 1 }));
      }
    };
    const all = Promise.all([0, 1, 2].flatMap((which) => Array.from({ length: 5 }, () => pipeline(which))));
    await clock.advance(300_000);
    isOver = true;
    await clock.advance(10_000);
    await all;
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(2940);
    expect(total).toBeLessThanOrEqual(3020);
    for (const count of counts) expect(count).toBeGreaterThan(950);
  });
});

function expectEmpty(limiter: Limiter, clock: VirtualClock): void {
  expect(limiter.inFlight).toBe(0);
  expect(limiter.waiting).toBe(0);
  expect(clock.pendingTimers).toBe(0);
}

/** The most in any minute, by what was taken in the end. */
function mostIn(sent: readonly Sent[], amount: (one: Sent) => number): number {
  const ordered = sent.toSorted((a, b) => a.at - b.at);
  return ordered.reduce((most, last) => {
    const within = ordered.filter(({ at }) => at <= last.at && at > last.at - 60_000);
    return Math.max(
      most,
      within.reduce((sum, one) => sum + amount(one), 0),
    );
  }, 0);
}
