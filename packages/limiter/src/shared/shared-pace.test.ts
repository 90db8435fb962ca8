import { describe, expect, it } from "vitest";
import { createLimiter } from "../create-limiter.ts";
import type { Limiter } from "../limiter.ts";
import type { Permit } from "../permit.ts";
import type { RateLimits } from "../quota/rate-limits.ts";
import { createVirtualClock, type VirtualClock } from "../time/virtual-clock.ts";
import type { Lease, LeaseRequest, LimitSource } from "./limit-source.ts";

const NOTHING: Lease = { granted: {}, waitMs: 0, pauseMs: 0, limits: [] };

interface Shared {
  readonly clock: VirtualClock;
  readonly limiter: Limiter;
  /** What the source was asked, and when. */
  readonly calls: readonly (LeaseRequest & { readonly at: number })[];
}

/** A limiter over a source that answers as it is told. */
function share(answer: (request: LeaseRequest, call: number) => Lease, limits: RateLimits = {}): Shared {
  const clock = createVirtualClock();
  const calls: (LeaseRequest & { readonly at: number })[] = [];
  const source: LimitSource = {
    lease: async (request) => {
      calls.push({ ...request, at: clock.now() });
      return answer(request, calls.length - 1);
    },
  };
  return { clock, limiter: createLimiter({ clock, source, limits, random: () => 0 }), calls };
}

/** Reserves requests one behind the other; the times at which they went. */
function send({ limiter, clock }: Shared, count: number, charge = { requests: 1 }) {
  const times: number[] = [];
  const permits: Permit[] = [];
  const reserve = async (): Promise<void> => {
    const permit = await limiter.reserve(charge);
    times.push(clock.now());
    permits.push(permit);
  };
  for (let i = 0; i < count; i++) void reserve();
  return { times, permits };
}

describe("a limiter that shares its limits", () => {
  it("a limiter that shares its limits sends nothing before it has a lease, and spends a lease evenly", async () => {
    const shared = share(({ want }) => ({
      ...NOTHING,
      granted: { requests: Math.min(5, want.requests ?? 0) },
    }));
    const { times } = send(shared, 10);
    expect(times).toEqual([]);
    await shared.clock.advance(1000);
    expect(times).toEqual([0, 50, 100, 150, 200, 250, 300, 350, 400, 450]);
    expect(shared.calls.map(({ want }) => want.requests)).toEqual([10, 10, 6, undefined]);
  });

  it("a limiter that shares its limits says what requests took in the end and what it did not use, and then nothing more", async () => {
    const limits = [{ dimension: "tokens", windowMs: 60_000, limit: 1e6, use: 0 }] as const;
    const shared = share(({ want }) => ({
      ...NOTHING,
      limits,
      granted: { tokens: 2 * (want.tokens ?? 0) },
    }));
    const charge = { tokens: 100 };
    const { permits } = send(shared, 2, { requests: 1, ...charge });
    await shared.clock.advance(200);
    permits[0]?.settle({ requests: 1, tokens: 130 });
    permits[1]?.refund();
    await shared.clock.advance(60_000);
    const tokens = shared.calls.map(({ back }) => back.tokens ?? 0);
    // Granted 400, sent 200; one took 30 more and one was not sent. What was wanted after that is given back as well.
    expect(tokens.slice(0, 2)).toEqual([0, 30 - 100 - 200]);
    const granted = shared.calls.reduce((sum, { want }) => sum + 2 * (want.tokens ?? 0), 0);
    expect(granted + tokens.reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(130);
    expect(shared.calls.length).toBeLessThan(6);
    expect(shared.clock.pendingTimers).toBe(0);
  });

  it("a limiter that shares its limits stops a second after its source was last asked, and goes on when it answers again", async () => {
    let isAway = false;
    const shared = share(() => {
      if (isAway) throw new Error("it is away");
      return { ...NOTHING, granted: { requests: 1 } };
    });
    const { times } = send(shared, 100);
    await shared.clock.advance(900);
    expect(times).toHaveLength(4);
    isAway = true;
    await shared.clock.advance(5000);
    expect(times).toHaveLength(4);
    expect(shared.limiter.waitingFor).toMatchObject({ source: "unreachable", message: "it is away" });
    isAway = false;
    await shared.clock.advance(600);
    expect(times.length).toBeGreaterThanOrEqual(6);
    expect(shared.limiter.waitingFor?.source).not.toBe("unreachable");
  });

  it("a limiter whose source has gone calls it no more where nobody waits, so that its program can end", async () => {
    let isAway = false;
    const shared = share(({ want }) => {
      if (isAway) throw new Error("it is closed");
      return { ...NOTHING, granted: { requests: 2 * (want.requests ?? 0) } };
    });
    const { permits } = send(shared, 2);
    await shared.clock.advance(200);
    isAway = true;
    for (const permit of permits) permit.settle({ requests: 3 });
    await shared.clock.advance(5000);
    expect(permits).toHaveLength(2);
    expect(shared.clock.pendingTimers).toBe(0);
  });

  it("a lease that was granted late is not spent after its second", async () => {
    const clock = createVirtualClock();
    const source: LimitSource = {
      lease: () =>
        new Promise((resolve) => {
          clock.after(1500, () => resolve({ ...NOTHING, granted: { requests: 9 } }));
        }),
    };
    const limiter = createLimiter({ clock, source });
    const { times } = send({ clock, limiter, calls: [] }, 3);
    await clock.advance(20_000);
    expect(times).toEqual([]);
  });

  it("a refusal is told to the source at once, and what the source says of it pauses those who were not refused", async () => {
    const shared = share(({ refusal, want }) => ({
      ...NOTHING,
      granted: { requests: refusal === undefined ? (want.requests ?? 0) : 0 },
      pauseMs: refusal?.pauseMs ?? 0,
    }));
    const { permits, times } = send(shared, 4);
    await shared.clock.advance(100);
    permits[0]?.throttle({ retryAfterMs: 3000, message: "slow down" });
    await shared.clock.advance(1);
    expect(shared.calls.at(-1)).toMatchObject({ at: 100, refusal: { pauseMs: 3000, sentAgoMs: 100 } });
    await shared.clock.advance(2000);
    expect(times).toHaveLength(2);
    expect(shared.limiter.waitingFor).toMatchObject({ source: "refusal", message: "slow down" });
    await shared.clock.advance(2000);
    expect(times).toHaveLength(4);

    const other = share((_, call) => ({
      ...NOTHING,
      granted: { requests: 1 },
      pauseMs: call === 1 ? 5000 : 0,
    }));
    const behind = send(other, 3);
    await other.clock.advance(4000);
    expect(behind.times).toEqual([0]);
    await other.clock.advance(2000);
    expect(behind.times.length).toBeGreaterThan(1);
  });

  it("a request that is larger than a limit of the source is rejected, also where it waits already", async () => {
    const limits = [{ dimension: "tokens", windowMs: 60_000, limit: 50, use: 0 }] as const;
    const shared = share(() => ({ ...NOTHING, limits, granted: { tokens: 0 } }));
    const waiting = shared.limiter.reserve({ requests: 1, tokens: 60 });
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ name: "NeverFitsError", limit: 50 }),
      shared.clock.advance(10),
    ]);
    expect(() => shared.limiter.tryReserve({ tokens: 60 })).toThrow("the limit is 50");
    expect(shared.limiter.limits).toEqual(limits);
  });

  it("limits that the caller knows and those that a response tells go to the source, which says what is in force", async () => {
    const shared = share(
      ({ told, learned }) => ({
        ...NOTHING,
        limits: [...told, ...learned].map(({ dimension, windowMs, limit }) => ({
          dimension,
          windowMs,
          limit,
          use: 0,
        })),
      }),
      {
        requestsPerMinute: 600,
      },
    );
    shared.limiter.learn([{ dimension: "tokens", windowMs: 60_000, limit: 9000 }]);
    shared.limiter.learn([{ dimension: "requests", windowMs: 60_000, limit: 700 }]);
    await shared.clock.advance(100);
    expect(shared.calls[0]).toMatchObject({
      told: [{ dimension: "requests", windowMs: 60_000, limit: 600 }],
      learned: [{ dimension: "tokens", windowMs: 60_000, limit: 9000 }],
    });
    expect(shared.limiter.limits.map(({ limit }) => limit)).toEqual([600, 9000]);
    const before = shared.calls.length;
    shared.limiter.learn([{ dimension: "tokens", windowMs: 60_000, limit: 9000 }]);
    await shared.clock.advance(1000);
    expect(shared.calls).toHaveLength(before);
  });

  it("a limit that was learned before and has been raised since is told to the source, also beyond what the caller knows", async () => {
    const shared = share(
      ({ learned }) => ({
        ...NOTHING,
        granted: { requests: 1 },
        limits: [
          {
            dimension: "requests",
            windowMs: 60_000,
            limit: Math.min(600, learned[0]?.limit ?? 300),
            use: 0,
          },
        ],
      }),
      { requestsPerMinute: 600 },
    );
    send(shared, 1);
    await shared.clock.advance(1);
    expect(shared.limiter.limits.map(({ limit }) => limit)).toEqual([300]);
    shared.limiter.learn([{ dimension: "requests", windowMs: 60_000, limit: 700 }]);
    await shared.clock.advance(1);
    expect(shared.limiter.limits.map(({ limit }) => limit)).toEqual([600]);
  });

  it("a request that is only tried goes once the source has granted it", async () => {
    const shared = share(({ want }) => ({ ...NOTHING, granted: { requests: want.requests ?? 0 } }));
    expect(shared.limiter.tryReserve({ requests: 1 })).toBeUndefined();
    await shared.clock.advance(10);
    const permit = shared.limiter.tryReserve({ requests: 1 });
    expect(permit).toBeDefined();
    permit?.settle({ requests: 1 });
    await shared.clock.advance(10_000);
    expect(shared.clock.pendingTimers).toBe(0);
  });
});
