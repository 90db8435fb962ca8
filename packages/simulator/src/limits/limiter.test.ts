import { describe, expect, it, onTestFinished } from "vitest";
import { chat, complete, post, refusal } from "../../fixtures/client.ts";
import { startSimulator, type LimitOptions, type Simulator } from "../index.ts";
import { createLimiter } from "./limiter.ts";

async function start(limits: LimitOptions): Promise<Simulator> {
  const simulator = await startSimulator({ limits });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** A request whose prompt has so many tokens and whose answer has one. */
function prompt(tokens: number, parameters: object = {}): Record<string, unknown> {
  return chat(`x. ${"y".repeat((tokens - 7) * 4 - 3)}`, { stop: ["."], ...parameters });
}

describe("the simulator's limits", () => {
  it.each(["bucket", "minute", "sliding"] as const)(
    "the simulator's limits that count requests by a %s refuse the next one and tell how long to wait",
    async (window) => {
      const simulator = await start({ requestsPerMinute: 3, window });
      const first = await post(simulator, prompt(20));
      expect(first.headers.get("x-ratelimit-limit-requests")).toBe("3");
      expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("2");
      expect(first.headers.get("x-ratelimit-reset-requests")).toMatch(/^(?:\d+ms|(?:\d+m)?[\d.]+s)$/);
      expect(first.headers.get("x-ratelimit-limit-tokens")).toBeNull();
      expect(first.headers.get("retry-after")).toBeNull();
      await complete(simulator, prompt(20));
      await complete(simulator, prompt(20));
      const response = await post(simulator, prompt(20));
      const seconds = Number(response.headers.get("retry-after"));
      expect(seconds).toBeGreaterThanOrEqual(window === "bucket" ? 15 : 50);
      expect(seconds).toBeLessThanOrEqual(window === "bucket" ? 20 : 60);
      expect(Math.ceil(Number(response.headers.get("retry-after-ms")) / 1000)).toBe(seconds);
      expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
      const refused = await refusal(response);
      expect(refused).toMatchObject({ status: 429, type: "requests", code: "rate_limit_exceeded" });
      expect(refused.message).toMatch(
        /^Rate limit reached for test-model on requests per min \(RPM\): Limit 3, Used 3, Requested 1\. Please try again in [\dms.]+s\.$/,
      );
      expect(simulator.stats()).toMatchObject({
        refused429: 1,
        byStatus: { 200: 3, 429: 1 },
        limits: { requests: { limit: 3, windowMs: 60_000, charged: 3, refused: 1 } },
      });
      expect(simulator.ledger.entries.at(-1)).toMatchObject({ status: 429, tokensCharged: 0 });
    },
  );

  it("the simulator's limits count tokens of input and output", async () => {
    const simulator = await start({ tokensPerMinute: 50, window: "minute" });
    const { usage } = await complete(simulator, prompt(20));
    expect(usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 1 });
    expect(simulator.stats().limits.tokens).toMatchObject({ charged: 21, peakUsed: 21 });
    const second = await post(simulator, prompt(20));
    expect(second.headers.get("x-ratelimit-remaining-tokens")).toBe("8");
    const refused = await refusal(post(simulator, prompt(9)));
    expect(refused.type).toBe("tokens");
    expect(refused.message).toContain("tokens per min (TPM): Limit 50, Used 42, Requested 9.");
  });

  it("the simulator's limits with charge maxTokens charge the most that an answer may have, and correct nothing", async () => {
    const simulator = await start({ tokensPerMinute: 100, window: "minute", charge: "maxTokens" });
    await complete(simulator, prompt(20, { max_tokens: 15, n: 2 }));
    expect(simulator.stats().limits.tokens?.charged).toBe(50);
    expect(simulator.ledger.entries[0]?.tokensCharged).toBe(50);
    await complete(simulator, prompt(20));
    expect(simulator.stats().limits.tokens?.charged).toBe(71);
    expect(await refusal(post(simulator, prompt(20, { max_tokens: 10 })))).toMatchObject({ type: "tokens" });
  });

  it("the simulator's limits refuse a request that is larger than the whole limit without telling a wait", async () => {
    const simulator = await start({ tokensPerMinute: 50 });
    const response = await post(simulator, prompt(51));
    expect(response.headers.get("retry-after")).toBeNull();
    const refused = await refusal(response);
    expect(refused).toMatchObject({ status: 429, type: "tokens", code: "rate_limit_exceeded" });
    expect(refused.message).toMatch(
      /^Request too large for test-model on tokens per min \(TPM\): Limit 50, Requested 51\./,
    );
  });

  it("the simulator's limits with headers none are not told in headers", async () => {
    const simulator = await start({ requestsPerMinute: 1, headers: "none" });
    for (const status of [200, 429]) {
      const response = await post(simulator, prompt(20));
      expect(response.status).toBe(status);
      expect([...response.headers.keys()].filter((name) => /ratelimit|retry/.test(name))).toEqual([]);
    }
  });

  it("the simulator's limits admit a request after the wait that was told, in a shortened minute", async () => {
    const simulator = await start({ requestsPerMinute: 1, window: "sliding", windowMs: 100 });
    await complete(simulator, prompt(20));
    const refused = await post(simulator, prompt(20));
    const waitMs = Number(refused.headers.get("retry-after-ms"));
    expect(waitMs).toBeLessThanOrEqual(100);
    await new Promise((resolve) => setTimeout(resolve, waitMs + 2));
    await complete(simulator, prompt(20));
  });

  it("the simulator's limits can be replaced while it runs", async () => {
    const simulator = await start({ requestsPerMinute: 1 });
    await complete(simulator, prompt(20));
    simulator.setLimits({ requestsPerMinute: 2 });
    await complete(simulator, prompt(20));
    simulator.reset();
    await complete(simulator, prompt(20));
    await complete(simulator, prompt(20));
    expect((await post(simulator, prompt(20))).status).toBe(429);
    simulator.setLimits({});
    await complete(simulator, prompt(20));
    expect(() => simulator.setLimits({ windowMs: -1 })).toThrow(RangeError);
  });

  it("the simulator's limits are not charged by a request that is refused for another reason", async () => {
    const simulator = await start({ requestsPerMinute: 1 });
    await refusal(post(simulator, { model: "m" }));
    await refusal(post(simulator, prompt(20), { headers: { authorization: "Bearer wrong" } }));
    expect((await post(simulator, prompt(20))).status).toBe(200);
  });
});

describe("createLimiter", () => {
  const arriving = { inputTokens: 10, maxOutputTokens: undefined };

  it("the simulator's limiter charges no limit if one refuses the request", () => {
    const limiter = createLimiter({ requestsPerMinute: 1, tokensPerMinute: 1000, window: "minute" });
    expect(limiter.admit(arriving, 0).admitted).toBe(true);
    expect(limiter.admit(arriving, 1)).toMatchObject({ admitted: false, dimension: "requests" });
    expect(limiter.use()).toMatchObject({
      requests: { charged: 1, refused: 1 },
      tokens: { charged: 10, refused: 0 },
    });
  });

  it("the simulator's limiter names the limit that has the longest wait", () => {
    const tokens = createLimiter({ requestsPerMinute: 1, tokensPerMinute: 10 });
    tokens.admit(arriving, 0);
    tokens.chargeOutput(5, 0);
    expect(tokens.admit(arriving, 0)).toMatchObject({ dimension: "tokens", waitMs: 90_000, used: 15 });
    const requests = createLimiter({ requestsPerMinute: 1, tokensPerMinute: 15 });
    requests.admit(arriving, 0);
    expect(requests.admit(arriving, 0)).toMatchObject({ dimension: "requests", waitMs: 60_000, used: 1 });
  });

  it("the simulator's limiter admits output above the limit and makes the next request wait for it", () => {
    const limiter = createLimiter({ tokensPerMinute: 60 });
    limiter.admit(arriving, 0);
    limiter.chargeOutput(80, 0);
    expect(limiter.state(0).tokens).toMatchObject({ limit: 60, remaining: 0, resetMs: 90_000 });
    expect(limiter.admit(arriving, 39_000)).toMatchObject({ admitted: false, waitMs: 1000 });
    expect(limiter.admit(arriving, 40_000).admitted).toBe(true);
  });

  it("the simulator's limiter has buckets of the size that burstSeconds says", () => {
    const limiter = createLimiter({ requestsPerMinute: 600, burstSeconds: 0.5 });
    const admitted = Array.from({ length: 20 }, () => limiter.admit(arriving, 0).admitted);
    expect(admitted.filter(Boolean)).toHaveLength(5);
  });

  it.each(["bucket", "minute", "sliding"] as const)(
    "the simulator's limiter admits requests up to the whole limit with a %s",
    (window) => {
      const limiter = createLimiter({ requestsPerMinute: 60, window, windowMs: 1000 });
      let admitted = 0;
      for (let ms = 0; ms < 10_000; ms++) if (limiter.admit(arriving, ms).admitted) admitted += 1;
      expect(admitted).toBeGreaterThanOrEqual(600);
      expect(admitted).toBeLessThanOrEqual(660);
    },
  );
});
