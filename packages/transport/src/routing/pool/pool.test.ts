// @module-tag slow
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import { functionProvider, openai, type Capabilities } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prompts } from "../../../fixtures/prompts.ts";
import { clock, expectAll, memberOf, runPool } from "../../../fixtures/run-pool.ts";
import { completionStream, createLimiter, createVirtualClock, pool, type PoolMember } from "../../index.ts";

describe("a pool as a stage", () => {
  let server: Simulator;
  beforeAll(async () => {
    server = await startSimulator();
  });
  afterAll(() => server.close());
  const inputs = prompts(20);
  const outputs: unknown[] = [];
  const members = (): PoolMember[] => [memberOf(server), memberOf(server)];
  const stage = () => completionStream(pool(members()), { concurrency: 2, window: 2 });
  beforeAll(async () => {
    outputs.push(...(await readAll(sourceOf(inputs).pipeThrough(stage()))));
  });
  testStage(it, { stage, inputs, outputs });
});

describe("the limits of a pool", () => {
  it("the limits of a pool add up: 60 and 600 requests a minute give 660 answers a minute, 10 to 1", async () => {
    const time = createVirtualClock();
    const answered = { slow: 0, fast: 0 };
    const member = (name: keyof typeof answered, requestsPerMinute: number): PoolMember => ({
      provider: functionProvider({ name, model: name, complete: () => `${++answered[name]}` }),
      limiter: createLimiter({ clock: time, limits: { requestsPerMinute } }),
    });
    const stage = completionStream(pool([member("slow", 60), member("fast", 600)]));
    const rows = readAll(sourceOf(prompts(2500)).pipeThrough(stage));
    // The first one goes alone, and a limiter begins slowly.
    await time.advance(60_000);
    const { slow, fast } = { ...answered };
    await time.advance(60_000);
    expect(answered.slow - slow).toBeGreaterThanOrEqual(58);
    expect(answered.slow - slow).toBeLessThanOrEqual(60);
    expect(answered.fast - fast).toBeGreaterThanOrEqual(590);
    expect(answered.fast - fast).toBeLessThanOrEqual(600);
    await time.advance(180_000);
    expect(await rows).toHaveLength(2500);
    expect(time.pendingTimers).toBe(0);
  });

  it("the limits of a pool's members are learned separately, and none is refused more than it would be alone", async () => {
    const limits = { requestsPerMinute: 12_000, burstSeconds: 1 };
    await using large = await startSimulator({ limits });
    await using small = await startSimulator({ limits: { ...limits, requestsPerMinute: 1200 } });
    await using alone = await startSimulator({ limits });
    const provider = ({ baseUrl, apiKey }: Simulator) => openai({ model: "sim", baseUrl, apiKey });
    const outcome = await runPool([provider(large), provider(small)], 400);
    expectAll(outcome, 400);
    expectAll(await runPool([provider(alone)], 300), 300);
    const { refused429 } = alone.stats();
    expect(large.stats().refused429).toBeLessThanOrEqual(refused429 + 3);
    expect(small.stats().refused429).toBeLessThanOrEqual(refused429 + 3);
    expect(outcome.stage.progress().members.map(({ limits: learned }) => learned[0]?.limit)).toEqual([
      12_000, 1200,
    ]);
    const ratio = large.ledger.answered().length / small.ledger.answered().length;
    expect(ratio).toBeGreaterThan(5);
    expect(ratio).toBeLessThan(20);
  });

  it("a request larger than the whole limit of one member of a pool goes to another", async () => {
    await using large = await startSimulator();
    await using small = await startSimulator();
    const members: PoolMember[] = [
      memberOf(small, { limiter: createLimiter({ clock, limits: { tokensPerMinute: 100 } }) }),
      memberOf(large),
    ];
    expectAll(await runPool(members, prompts(["short", "long ".repeat(300), "brief"]), { maxTokens: 10 }), 3);
    expect(small.ledger.received).toBeGreaterThan(0);
    expect(JSON.stringify(small.ledger.entries)).not.toContain("long long");
  });
});

describe("a pool of one", () => {
  it("a pool of one does what its member does alone", async () => {
    await using server = await startSimulator({ latency: { kind: "fixed", ms: 1 } });
    const outcome = await runPool([memberOf(server)], 200, { concurrency: 20 });
    expectAll(outcome, 200);
    expect(server.ledger.received).toBe(200);
    expect(server.ledger.maxInFlight).toBeLessThanOrEqual(20);
    // The first one alone shows whether the server answers.
    const [first, ...others] = server.ledger.entries;
    expect(first?.endedMs).toBeLessThanOrEqual(Math.min(...others.map(({ timeMs }) => timeMs)));
  });
});

describe("several choices a row", () => {
  const withoutN: Capabilities = { nativeN: false, json: "schema", images: [], limits: "headers" };

  it("several choices of a row come from any member of a pool, each asked for once, with no more in flight than `concurrency`", async () => {
    await using server = await startSimulator({ latency: { kind: "fixed", ms: 3 } });
    const members = [1, 2, 3].map(() => memberOf(server, { capabilities: withoutN }));
    const outcome = await runPool(members, 100, { n: 3, concurrency: 10 });
    expectAll(outcome, 100);
    for (const item of outcome.items) expect(item).toMatchObject({ completion: { choices: { length: 3 } } });
    for (const { answered } of outcome.stage.progress().members) expect(answered).toBeGreaterThan(30);
    expect(server.ledger.received).toBe(300);
    expect(server.ledger.maxInFlight).toBe(10);
  });

  it("several choices of a row come in one request where every member of a pool can give several", async () => {
    await using one = await startSimulator();
    await using other = await startSimulator();
    const outcome = await runPool([memberOf(one), memberOf(other)], 50, { n: 3 });
    expectAll(outcome, 50);
    for (const item of outcome.items) expect(item).toMatchObject({ completion: { choices: { length: 3 } } });
    expect(one.ledger.received + other.ledger.received).toBe(50);
  });
});

describe("an end in the middle", () => {
  it("an abort reaches rows that wait for members of a pool which are paced or away", async () => {
    await using paced = await startSimulator();
    await using away = await startSimulator({ faults: () => ({ kind: "status", status: 500 }) });
    const members = (): PoolMember[] => [
      memberOf(paced, { limiter: createLimiter({ limits: { requestsPerMinute: 60 } }) }),
      memberOf(away),
    ];
    const abort = new AbortController();
    const reason = new Error("enough");
    const withoutN: Capabilities = { nativeN: false, json: "schema", images: [], limits: "headers" };
    const crowded = [...members(), memberOf(paced, { capabilities: withoutN })];
    const options = { signal: abort.signal, n: 3, concurrency: 20 };
    const aborted = await runPool(crowded, 500, options, () => abort.abort(reason));
    expect(aborted.error).toBe(reason);

    const stage = completionStream(pool(members()), { onStop: "close" });
    const items: unknown[] = [];
    for await (const item of sourceOf(prompts(500)).pipeThrough(stage)) {
      items.push(item);
      stage.stop(reason);
    }
    expect(stage.stopped).toBe(reason);
    expect(items.length).toBeLessThan(10);
    expect(stage.progress()).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});

describe("making a pool", () => {
  const provider = functionProvider({ name: "f", model: "m", complete: () => "x" });

  it("pool() refuses an empty list and equal names, and completionStream() limits for the whole pool", () => {
    expect(() => pool([])).toThrow(/expected at least one provider/);
    expect(() =>
      pool([
        { provider, name: "x" },
        { provider, name: "x" },
      ]),
    ).toThrow(/two of them have the name "x"/);
    expect(() => completionStream(pool([provider]), { limits: { requestsPerMinute: 5 } })).toThrow(
      /each member of a pool has limits of its own/,
    );
  });

  it("pool() names the member with an invalid number", () => {
    expect(() => pool([provider, { provider, limits: { requestsPerMinute: -5 } }])).toThrow(
      /members\[1\]\.limits\.requestsPerMinute: expected a number above 0, got -5/,
    );
    expect(() => pool([{ provider, name: "mine", price: { input: Number.NaN, output: 1 } }])).toThrow(
      /members\[0\]\.price\.input: expected US dollars/,
    );
  });

  it("pool() refuses a pool as a member, of which only the first member would be asked", () => {
    expect(() => pool([pool([provider]), provider])).toThrow(/one of them is a pool itself/);
    expect(() => pool([{ provider: pool([provider]) }])).toThrow(/one of them is a pool itself/);
  });
});
