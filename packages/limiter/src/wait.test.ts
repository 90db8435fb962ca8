import { describe, expect, it } from "vitest";
import { createLimiter, createVirtualClock, type Limiter, type LimiterOptions } from "./index.ts";

const DAY = 86_400_000;

function start(options: LimiterOptions): { limiter: Limiter; clock: ReturnType<typeof createVirtualClock> } {
  const clock = createVirtualClock();
  return { clock, limiter: createLimiter({ ...options, clock, random: () => 0 }) };
}

describe("what a limiter waits for", () => {
  it("the limiter waits for no limit while nobody waits, and while requests only wait for others to be done", () => {
    const { limiter } = start({ maxConcurrency: 1 });
    expect(limiter.waitingFor).toBeUndefined();
    limiter.tryReserve({ requests: 1 });
    void limiter.reserve({ requests: 1 });
    expect(limiter.waiting).toBe(1);
    expect(limiter.waitingFor).toBeUndefined();
  });

  it("the limiter waits for a limit that was told, until the first waiting request may go", async () => {
    const { limiter, clock } = start({ limits: { requestsPerDay: 2 } });
    for (let sent = 0; sent < 2; sent++) limiter.tryReserve({ requests: 1 });
    await clock.advance(3_600_000);
    expect(limiter.tryReserve({ requests: 1 })).toBeUndefined();
    const wait = limiter.waitingFor;
    expect(wait).toMatchObject({
      source: "told",
      limit: { dimension: "requests", windowMs: DAY, limit: 2 },
      message: undefined,
    });
    expect(wait?.ms).toBeGreaterThan(22.9 * 3_600_000);
    expect(wait?.ms).toBeLessThan(23.1 * 3_600_000);
  });

  it("the limiter waits for a limit that was learned from a response, the one that holds back the longest", () => {
    const { limiter } = start({});
    limiter.learn([
      { dimension: "requests", windowMs: 60_000, limit: 1000 },
      { dimension: "tokens", windowMs: DAY, limit: 100 },
    ]);
    limiter.tryReserve({ requests: 1, tokens: 100 });
    void limiter.reserve({ requests: 1, tokens: 1 });
    expect(limiter.waitingFor).toMatchObject({
      source: "learned",
      limit: { dimension: "tokens", windowMs: DAY },
    });
  });

  it("the limiter waits for a refusal, with its limit and the server's words, as long as the server asks to wait", async () => {
    const { limiter, clock } = start({});
    const limit = { dimension: "tokens", windowMs: DAY } as const;
    limiter.tryReserve({})?.throttle({ retryAfterMs: 578_000, limit, message: "Please try again in 9m38s" });
    void limiter.reserve({});
    await clock.advance(8000);
    expect(limiter.waitingFor).toEqual({
      ms: 570_000,
      source: "refusal",
      limit,
      message: "Please try again in 9m38s",
    });
    await clock.advance(571_000);
    expect(limiter.waitingFor).toBeUndefined();
  });

  it("the limiter tells what refused the last tryReserve of a caller that never waits", () => {
    const { limiter } = start({ limits: { requestsPerMinute: 1 } });
    limiter.tryReserve({ requests: 1 });
    expect(limiter.waitingFor).toBeUndefined();
    limiter.tryReserve({ requests: 1 });
    expect(limiter.waitingFor).toMatchObject({ source: "told", limit: { windowMs: 60_000 } });
  });
});
