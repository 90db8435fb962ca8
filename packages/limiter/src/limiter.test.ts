import { describe, expect, it } from "vitest";
import { createRandom } from "../simulation/random.ts";
import {
  createLimiter,
  createVirtualClock,
  NeverFitsError,
  type LimiterOptions,
  type Permit,
} from "./index.ts";

const MINUTE = 60_000;

/** Sends as fast as the limiter lets it for `ms`; gives the times of admission. */
async function admissions(
  options: LimiterOptions,
  charge: Record<string, number>,
  ms: number,
): Promise<number[]> {
  const clock = createVirtualClock();
  const limiter = createLimiter({ ...options, clock, random: () => 0 });
  const times: number[] = [];
  const stop = new AbortController();
  const worker = async (): Promise<void> => {
    for (;;) {
      const permit = await limiter.reserve(charge, { signal: stop.signal });
      times.push(clock.now());
      clock.after(1500, () => permit.settle(charge));
    }
  };
  const workers = Array.from({ length: 1500 }, () => worker().catch(() => undefined));
  await clock.advance(ms);
  stop.abort();
  await Promise.all(workers);
  return times;
}

function mostInAnyWindow(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while ((times[first] ?? 0) <= time - windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe("createLimiter", () => {
  it.each([1, 7, 60, 600, 3000, 30_000])(
    "the limiter uses a limit of %i requests a minute and never more",
    async (requestsPerMinute) => {
      const minutes = requestsPerMinute < 10 ? 60 : requestsPerMinute > 3000 ? 1.2 : 5;
      const times = await admissions({ limits: { requestsPerMinute } }, { requests: 1 }, minutes * MINUTE);
      // The pace rises over two seconds at the start.
      expect(times.length).toBeGreaterThanOrEqual(Math.floor(0.99 * requestsPerMinute * (minutes - 1 / 60)));
      expect(mostInAnyWindow(times, MINUTE)).toBeLessThanOrEqual(requestsPerMinute);
    },
  );

  it("the limiter holds to the dimension that binds, requests or tokens", async () => {
    const times = await admissions(
      { limits: { requestsPerMinute: 1000, tokensPerMinute: 60_000 } },
      { requests: 1, tokens: 600 },
      5 * MINUTE,
    );
    expect(times.length).toBeGreaterThanOrEqual(495);
    expect(times.length).toBeLessThanOrEqual(500);
  });

  it("the limiter paces from the first second: no burst of a whole minute", async () => {
    const times = await admissions({ limits: { requestsPerMinute: 6000 } }, { requests: 1 }, 100);
    expect(times.length).toBeLessThanOrEqual(10);
    const spread = await admissions({ limits: { requestsPerMinute: 600 } }, { requests: 1 }, 10_000);
    expect(mostInAnyWindow(spread, 1000)).toBeLessThanOrEqual(21);
  });

  it("a settled permit gives back the tokens that its answer did not take, and takes those it took more", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { tokensPerMinute: 60_000 }, clock });
    const permit = await limiter.reserve({ tokens: 30_000 });
    let admitted = false;
    const next = limiter.reserve({ tokens: 30_000 }).then(() => (admitted = true));
    await clock.advance(1000);
    expect(admitted).toBe(false);
    permit.settle({ tokens: 100 });
    await clock.advance(10);
    expect(admitted).toBe(true);
    await next;
  });

  it("a request that was refused before it was processed is refunded, once", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { requestsPerMinute: 1 }, clock });
    const permit = await limiter.reserve({ requests: 1 });
    permit.refund();
    permit.refund();
    permit.settle({ requests: 1 });
    expect(limiter.inFlight).toBe(0);
    await limiter.reserve({ requests: 1 });
    expect(limiter.inFlight).toBe(1);
  });

  it("the limiter tells at once that a request can never fit", async () => {
    const limiter = createLimiter({ limits: { tokensPerMinute: 1000 }, clock: createVirtualClock() });
    await expect(limiter.reserve({ tokens: 1001 })).rejects.toThrow(NeverFitsError);
    await expect(limiter.reserve({ tokens: 1001 })).rejects.toThrow(
      /about 1001 tokens, and the limit is 1000/,
    );
  });

  it("the limiter lets smaller requests overtake a big one, a bounded number of times", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { tokensPerMinute: 60_000 }, clock });
    await limiter.reserve({ tokens: 900 });
    const order: string[] = [];
    const big = limiter.reserve({ tokens: 900 }).then(() => order.push("big"));
    const small = Array.from({ length: 100 }, () =>
      limiter.reserve({ tokens: 1 }).then(() => order.push("small")),
    );
    await clock.advance(MINUTE);
    await Promise.all([big, ...small]);
    expect(order.indexOf("big")).toBeGreaterThan(0);
    expect(order.indexOf("big")).toBeLessThanOrEqual(32);
  });

  it("the limiter sends nothing while the server wants it to wait, and cuts once for one burst of refusals", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { requestsPerMinute: 600 }, clock, random: () => 0 });
    const sent = Promise.all(Array.from({ length: 5 }, () => limiter.reserve({ requests: 1 })));
    await clock.advance(2000);
    for (const permit of await sent) permit.throttle({ retryAfterMs: 10_000 });
    let at: number | undefined;
    const next = limiter.reserve({ requests: 1 }).then(() => (at = clock.now()));
    await clock.advance(9_999);
    expect(at).toBeUndefined();
    await clock.advance(2);
    await next;
    expect(at).toBe(12_000);
  });

  it("the limiter learns limits, takes the lower of the told and the known, and follows a change", () => {
    const limiter = createLimiter({ limits: { requestsPerMinute: 100 }, clock: createVirtualClock() });
    limiter.learn([{ dimension: "requests", windowMs: MINUTE, limit: 500 }]);
    expect(limiter.limits).toEqual([{ dimension: "requests", limit: 100, windowMs: MINUTE, use: 0 }]);
    limiter.learn([{ dimension: "requests", windowMs: MINUTE, limit: 50 }]);
    limiter.learn([{ dimension: "tokens", windowMs: MINUTE, limit: 1000 }]);
    limiter.learn([{ dimension: "requests", windowMs: MINUTE, limit: 0, remaining: -1 }]);
    expect(limiter.limits.map(({ limit }) => limit)).toEqual([50, 1000]);
  });

  it("the limiter starts small where no limit is known, grows while answers come and backs off on a refusal", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock, startConcurrency: 4 });
    const stop = new AbortController();
    let refusing = false;
    let most = 0;
    const worker = async (): Promise<void> => {
      for (;;) {
        const permit = await limiter.reserve({ requests: 1 }, { signal: stop.signal });
        most = Math.max(most, limiter.inFlight);
        clock.after(1000, () => {
          if (!refusing) return permit.settle({ requests: 1 });
          permit.throttle({ retryAfterMs: 100 });
        });
      }
    };
    const workers = Array.from({ length: 200 }, () => worker().catch(() => undefined));
    await clock.advance(1);
    expect(limiter.inFlight).toBe(4);
    await clock.advance(1000);
    expect(limiter.inFlight).toBe(8);
    await clock.advance(3000);
    // Answers that came together let many more go, though not together.
    expect(limiter.inFlight).toBeLessThan(40);
    await clock.advance(800);
    expect(limiter.inFlight).toBe(112);
    refusing = true;
    await clock.advance(1100);
    refusing = false;
    most = 0;
    await clock.advance(3000);
    expect(most).toBeLessThan(112);
    await clock.advance(12_000);
    expect(most).toBeGreaterThan(40);
    stop.abort();
    await Promise.all(workers);
  });

  it("the limiter gives an abort's reason to a waiting request and forgets it", async () => {
    const limiter = createLimiter({ limits: { requestsPerMinute: 1 }, clock: createVirtualClock() });
    await limiter.reserve({ requests: 1 });
    const stop = new AbortController();
    const waiting = limiter.reserve({ requests: 1 }, { signal: stop.signal });
    expect(limiter.waiting).toBe(1);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(limiter.waiting).toBe(0);
  });

  it("the limiter leaves no timer behind when the last waiting request is aborted", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { requestsPerMinute: 60 }, clock });
    const stop = new AbortController();
    limiter.tryReserve({ requests: 1 })?.throttle({ retryAfterMs: 3_600_000 });
    const waiting = limiter.reserve({ requests: 1 }, { signal: stop.signal });
    expect(clock.pendingTimers).toBe(1);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(clock.pendingTimers).toBe(0);
  });

  it("the limiter gives no credit for requests that were sent before a limit was known", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock, startConcurrency: 50 });
    const permits = await Promise.all(Array.from({ length: 50 }, () => limiter.reserve({ requests: 1 })));
    limiter.learn([{ dimension: "requests", windowMs: MINUTE, limit: 60 }]);
    for (const permit of permits) permit.refund();
    const admitted: Promise<unknown>[] = [];
    let count = 0;
    for (let i = 0; i < 100; i++) admitted.push(limiter.reserve({ requests: 1 }).then(() => (count += 1)));
    await clock.advance(10);
    expect(count).toBe(1);
    await clock.advance(200_000);
    await Promise.all(admitted);
  });

  it("the limiter lets exactly N requests into a window of N, at its boundary too", async () => {
    const times = await admissions({ limits: { requestsPerMinute: 10 } }, { requests: 1 }, 10 * MINUTE);
    expect(mostInAnyWindow(times, MINUTE)).toBe(10);
  });

  it("the limiter spends a daily limit as it is needed, and stops at it", async () => {
    const times = await admissions({ limits: { requestsPerDay: 200 } }, { requests: 1 }, MINUTE);
    expect(times.length).toBe(200);
    const both = await admissions(
      { limits: { requestsPerDay: 200, requestsPerMinute: 60 } },
      { requests: 1 },
      10 * MINUTE,
    );
    expect(both.length).toBe(200);
    expect(mostInAnyWindow(both, MINUTE)).toBeLessThanOrEqual(60);
  });

  it("the limiter gives permits synchronously while there are some", () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { requestsPerMinute: 60 }, clock });
    const permit = limiter.tryReserve({ requests: 1 });
    expect(permit?.sentAt).toBe(0);
    expect(limiter.tryReserve({ requests: 1 })).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
    expect(() => limiter.tryReserve({ requests: 61 })).toThrow(NeverFitsError);
    clock.advanceSync(1100);
    expect(limiter.tryReserve({ requests: 1 })).toBeDefined();
  });

  it("the limiter grows for a caller that only ever uses tryReserve", () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock });
    for (let round = 0; round < 4; round++) {
      for (;;) {
        const permit = limiter.tryReserve({ requests: 1 });
        if (permit === undefined) break;
        clock.after(1000, () => {
          permit.settle({ requests: 1 });
          if (limiter.tryReserve({ requests: 1 }) !== undefined) limiter.tryReserve({ requests: 1 });
        });
      }
      clock.advanceSync(1000);
    }
    expect(limiter.concurrency).toBeGreaterThan(20);
  });

  it("tryReserve of the limiter does not go before those who wait and may go", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { requestsPerMinute: 60 }, clock });
    limiter.tryReserve({ requests: 1 });
    let isAdmitted = false;
    const waiting = limiter.reserve({ requests: 1 }).then(() => (isAdmitted = true));
    await clock.advance(900);
    expect(limiter.tryReserve({ requests: 1 })).toBeUndefined();
    await clock.advance(200);
    expect(isAdmitted).toBe(true);
    await waiting;
  });

  it("a permit is refunded at the end of its scope", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock });
    {
      using permit = await limiter.reserve({ requests: 1 });
      expect(permit.charge).toEqual({ requests: 1 });
      expect(limiter.inFlight).toBe(1);
    }
    expect(limiter.inFlight).toBe(0);
  });

  it("the limiter never has more in flight than its concurrency allows", async () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ limits: { requestsPerMinute: 60_000 }, maxConcurrency: 7, clock });
    const permits: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i++) {
      permits.push(
        limiter
          .reserve({ requests: 1 })
          .then((permit) => clock.after(500, () => permit.settle({ requests: 1 }))),
      );
    }
    await clock.advance(400);
    expect(limiter.inFlight).toBe(7);
    expect(limiter.waiting).toBe(13);
    await clock.advance(5000);
    await Promise.all(permits);
    expect(limiter.inFlight).toBe(0);
  });

  it("the limiter rejects those who wait and will never fit, once a lower limit is told", async () => {
    const limiter = createLimiter({ limits: { tokensPerMinute: 60_000 }, clock: createVirtualClock() });
    limiter.tryReserve({ tokens: 30_000 });
    const big = limiter.reserve({ tokens: 20_000 });
    limiter.learn([{ dimension: "tokens", windowMs: MINUTE, limit: 10_000 }]);
    await expect(big).rejects.toThrow(NeverFitsError);
    expect(limiter.waiting).toBe(0);
  });

  it("the limiter waits longer each time where nothing is let in and the server names no time", () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock, random: () => 0.5, startConcurrency: 1 });
    const pauses: number[] = [];
    for (let refusal = 0; refusal < 10; refusal++) {
      const before = clock.now();
      let permit = limiter.tryReserve({ requests: 1 });
      while (permit === undefined) {
        clock.advanceSync(10);
        permit = limiter.tryReserve({ requests: 1 });
      }
      pauses.push(clock.now() - before);
      clock.advanceSync(20);
      permit.throttle();
    }
    const [, ...later] = pauses;
    expect(later.toSorted((a, b) => a - b)).toEqual(later);
    expect(later[0]).toBeLessThan(5000);
    expect(later.at(-1)).toBeGreaterThan(8000);
    expect(later.at(-1)).toBeLessThanOrEqual(15_000);
  });

  it.each([1, 3])(
    "the limiter takes no rate from %i refusals before anything was let in: it waits as told and goes on",
    async (refusals) => {
      const clock = createVirtualClock();
      const limiter = createLimiter({ clock, random: () => 0 });
      for (let refused = 0; refused < refusals; refused++) {
        const permit = limiter.reserve({ requests: 1 });
        await clock.advance(10_000);
        (await permit).throttle({ retryAfterMs: 1000 });
      }
      let answered = 0;
      const worker = async (): Promise<void> => {
        while (answered < 100) {
          const permit = await limiter.reserve({ requests: 1 });
          clock.after(200, () => {
            answered += 1;
            permit.settle({ requests: 1 });
          });
        }
      };
      const workers = [worker(), worker(), worker()];
      await clock.advance(30_000);
      expect(answered).toBeGreaterThanOrEqual(100);
      await Promise.all(workers);
    },
  );

  it("the limiter waits as long as the server says, however long", () => {
    const clock = createVirtualClock();
    const limiter = createLimiter({ clock });
    limiter.tryReserve({ requests: 1 })?.throttle({ retryAfterMs: 7_200_000 });
    clock.advanceSync(7_199_999);
    expect(limiter.tryReserve({ requests: 1 })).toBeUndefined();
    clock.advanceSync(720_001);
    expect(limiter.tryReserve({ requests: 1 })).toBeDefined();
  });

  it("the limiter names the option or limit that cannot be", () => {
    expect(() => createLimiter({ maxConcurrency: 0 })).toThrow(/maxConcurrency.*got 0/);
    expect(() => createLimiter({ startConcurrency: 1.5 })).toThrow(/startConcurrency/);
    expect(() => createLimiter({ limits: { tokensPerMinute: -1 } })).toThrow(/tokensPerMinute.*got -1/);
  });

  it.each([
    { part: 0.01, start: 16, spread: 0, refusalMs: 1000 },
    { part: 0.1, start: 16, spread: 0, refusalMs: 1000 },
    { part: 0.01, start: 100, spread: 400, refusalMs: 1000 },
    { part: 0.1, start: 100, spread: 400, refusalMs: 1000 },
    { part: 0.2, start: 16, spread: 400, refusalMs: 1000 },
    { part: 0.05, start: 16, spread: 400, refusalMs: 60 },
    { part: 0.1, start: 100, spread: 400, refusalMs: 60 },
    { part: 0.2, start: 16, spread: 400, refusalMs: 60 },
  ])(
    "the limiter is not brought to nothing by a part that is refused whatever the rate: $part, begun with $start, refused in $refusalMs ms",
    ({ part, start, spread, refusalMs }) => {
      for (const seed of [1, 2, 3]) {
        const clock = createVirtualClock();
        let answered = 0;
        const random = createRandom(seed * 7919);
        const limiter = createLimiter({ clock, maxConcurrency: 100, startConcurrency: start, random });
        const fill = (): void => {
          for (let permit = limiter.tryReserve({}); permit !== undefined; permit = limiter.tryReserve({}))
            send(permit);
        };
        const send = (permit: Permit): void => {
          const isRefused = random() < part;
          clock.after((isRefused ? refusalMs : 1000) + spread * (random() - 0.5) * (refusalMs / 1000), () => {
            if (isRefused) permit.throttle();
            else {
              permit.settle({});
              answered += 1;
            }
          });
        };
        for (let ms = 0; ms < 240_000; ms += 10) {
          if (ms === 180_000) answered = 0;
          fill();
          clock.advanceSync(10);
        }
        // At most a hundred a second are in flight, and a part of them is refused.
        expect(answered / 60).toBeGreaterThan(75);
      }
    },
  );
});
