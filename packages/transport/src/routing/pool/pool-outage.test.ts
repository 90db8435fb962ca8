// @module-tag slow

import { memoryJournal } from "@parallel-parrot/journal";
import {
  atRate,
  firstOf,
  startSimulator,
  type Fault,
  type FaultRequest,
  type Simulator,
} from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { documentOf, promptsWithLong } from "../../../fixtures/prompts.ts";
import { expectAll, memberOf, runPool, states, texts } from "../../../fixtures/run-pool.ts";
import { createLimiter, createVirtualClock, type CompletionOptions } from "../../index.ts";

const down: Fault = { kind: "status", status: 500 };
const latency = { kind: "fixed", ms: 2 } as const;
const few: CompletionOptions = { concurrency: 16, window: 16 };
/** Fails these rows, and whatever comes while `isDown` says so. */
const failing =
  (rows: readonly number[], isDown: () => boolean = () => false) =>
  (request: FaultRequest): Fault | undefined =>
    rows.includes(documentOf(request)) || isDown() ? down : undefined;

const failed = ({ ledger }: Simulator): number => ledger.received - ledger.answered().length;

describe("a member of a pool that is away", () => {
  it("a member of a pool that is away steps aside for the others, and is back when it answers", async () => {
    let isDown = false;
    await using one = await startSimulator({ latency, faults: failing([], () => isDown) });
    await using other = await startSimulator({ latency });
    let answeredBefore = 0;
    const outcome = await runPool([memberOf(one), memberOf(other)], 1500, few, ({ index }) => {
      if (index === 300) isDown = true;
      if (index !== 900) return;
      isDown = false;
      answeredBefore = one.ledger.answered().length;
    });
    expectAll(outcome, 1500);
    expect(states(outcome)).toEqual(["active", "active"]);
    expect(one.ledger.answered().length).toBeGreaterThan(answeredBefore + 50);
    // While it was away it was only probed.
    expect(failed(one)).toBeGreaterThanOrEqual(8);
    expect(failed(one)).toBeLessThan(60);
  });

  it("a member of a pool that cannot be reached at the start joins when it can", async () => {
    await using one = await startSimulator({ latency });
    await using other = await startSimulator({ latency });
    await one.setReachable(false);
    const outcome = await runPool([memberOf(one), memberOf(other)], 900, few, async ({ index }) => {
      if (index === 200) await one.setReachable(true);
    });
    expectAll(outcome, 900);
    expect(one.ledger.answered().length).toBeGreaterThan(50);
  });

  it("a member that is away costs no row its only attempt, where another member can answer", async () => {
    let isDown = false;
    await using one = await startSimulator({ latency, faults: failing([], () => isDown) });
    await using other = await startSimulator({ latency });
    const options = { ...few, maxAttempts: 1 };
    const outcome = await runPool([memberOf(one), memberOf(other)], 600, options, ({ index }) => {
      if (index === 200) isDown = true;
    });
    expectAll(outcome, 600);
    expect(states(outcome)).toEqual(["aside", "active"]);
  });

  it("no row waits for the check of a member that is away, though the check is never answered", async () => {
    let isDown = false;
    await using one = await startSimulator({ latency });
    await using other = await startSimulator({
      latency,
      faults: ({ attempt }) => (isDown ? (attempt > 1 ? { kind: "stall" } : down) : undefined),
    });
    const outcome = await runPool([memberOf(one), memberOf(other)], 1000, few, ({ index }) => {
      if (index === 100) isDown = true;
    });
    expectAll(outcome, 1000);
    // What it answered before was asked again, and hangs to the end of the run.
    expect(other.stats().byFault).toMatchObject({ stall: 1 });
    expect(outcome.stage.progress().members[1]).toMatchObject({
      state: "aside",
      reason: expect.stringContaining("HTTP 500"),
    });
  });

  it("a member that refuses in a check what it answered before is checked with something else", async () => {
    let isDown = false;
    await using one = await startSimulator({ latency });
    await using other = await startSimulator({
      latency,
      // What it is asked for the second time is no row's.
      faults: ({ attempt }) => (isDown ? down : attempt > 1 ? { kind: "status", status: 400 } : undefined),
    });
    const outcome = await runPool([memberOf(one), memberOf(other)], 2000, few, ({ index }) => {
      if (index === 200) isDown = true;
      if (index === 600) isDown = false;
    });
    expectAll(outcome, 2000);
    expect(states(outcome)).toEqual(["active", "active"]);
  });

  it("a member that never answers costs at most one row its time limit", async () => {
    await using one = await startSimulator({ latency });
    await using hung = await startSimulator({ faults: () => ({ kind: "stall" }) });
    const options: CompletionOptions = { concurrency: 8, order: "completion", rowTimeoutMs: 2_000_000 };
    const outcome = await runPool([memberOf(one), memberOf(hung)], 1000, options);
    expect(outcome.error).toBeUndefined();
    expect(outcome.items).toHaveLength(1000);
    expect(outcome.items.filter((item) => "failure" in item)).toMatchObject([
      { failure: { code: "TIMEOUT" } },
    ]);
    expect(outcome.stage.progress().members[1]).toMatchObject({
      reason: expect.stringContaining("within "),
    });
  });

  it("a row that only a member which is away could answer waits as long as maxOutageMs, while the others go on", async () => {
    let isDown = false;
    await using small = await startSimulator({ contextTokens: 60 });
    await using large = await startSimulator({ faults: failing([], () => isDown) });
    const rows = promptsWithLong(200, 150);
    const options = { ...few, maxTokens: 20, maxOutageMs: 60_000 };
    const outcome = await runPool([memberOf(small), memberOf(large)], rows, options, ({ index }) => {
      if (index === 100) isDown = true;
    });
    expectAll(outcome, 200, { 150: "CONTEXT_TOO_LONG" });
    expect(states(outcome)).toEqual(["active", "aside"]);
  });
});

describe("all members of a pool away", () => {
  it("an outage of all members of a pool is waited out, and stops the run after maxOutageMs", async () => {
    let isDown = false;
    await using one = await startSimulator({ latency, faults: failing([], () => isDown) });
    await using other = await startSimulator({ latency, faults: failing([], () => isDown) });
    const members = () => [memberOf(one), memberOf(other)];
    const passing = await runPool(members(), 400, few, ({ index }) => {
      if (index !== 100) return;
      isDown = true;
      setTimeout(() => (isDown = false), 60);
    });
    expectAll(passing, 400);
    const lasting = await runPool(members(), 400, { ...few, maxOutageMs: 60_000 }, ({ index }) => {
      if (index === 100) isDown = true;
    });
    expect(lasting.error).toMatchObject({
      code: "OUTAGE",
      message: expect.stringMatching(/openai 1 .*500.*openai 2 .*500/),
    });
  });

  it("an outage of all members of a pool is over when they throttle, however long they do", async () => {
    const requests = new Map<string, number>();
    const faultsOf = (name: string) => (): Fault | undefined => {
      const count = (requests.get(name) ?? 0) + 1;
      requests.set(name, count);
      if (count <= 20) return undefined;
      if (count <= 40) return down;
      // Neither is done with it before the other, or one might answer all the rest.
      const isBack = requests.size === 2 && Math.min(...requests.values()) >= 48;
      return isBack ? undefined : { kind: "status", status: 429, headers: { "retry-after": "30" } };
    };
    await using one = await startSimulator({ latency, faults: faultsOf("one") });
    await using other = await startSimulator({ latency, faults: faultsOf("other") });
    const options = { ...few, maxOutageMs: 150_000 };
    expectAll(await runPool([memberOf(one), memberOf(other)], 800, options), 800);
    expect(Math.min(...requests.values())).toBeGreaterThanOrEqual(48);
  });

  it("an outage of all members of a pool is waited out with one row left", async () => {
    let requests = 0;
    const faults = () => (++requests > 2 && requests < 60 ? down : undefined);
    await using one = await startSimulator({ faults });
    await using other = await startSimulator({ faults });
    const options = { concurrency: 1, maxAttempts: 3 };
    expectAll(await runPool([memberOf(one), memberOf(other)], 3, options), 3);
    expect(requests).toBeGreaterThanOrEqual(60);
  });

  it("a pool of which no member can be reached at the start stops within seconds, with the reason of each", async () => {
    await using one = await startSimulator({ faults: () => down });
    const gone = memberOf({ baseUrl: "http://127.0.0.1:9/v1", apiKey: "k" }, { name: "nobody there" });
    const outcome = await runPool([memberOf(one), gone], 50);
    expect(outcome.items).toEqual([]);
    expect(outcome.error).toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringMatching(
        /No member of the pool is left.*openai 1 .*500.*; nobody there .*ECONNREFUSED/,
      ),
    });
    // Three that show that it does not answer, and few more while the other one is still tried.
    expect(one.ledger.received).toBeGreaterThanOrEqual(3);
    expect(one.ledger.received).toBeLessThan(20);
  });
});

describe("a row that one member of a pool cannot answer", () => {
  it("a row that one member of a pool cannot answer is sent to another one next", async () => {
    // Later than those that show whether the members answer.
    const tenth = Array.from({ length: 20 }, (_, index) => 100 + index * 10);
    await using one = await startSimulator({ latency, faults: failing(tenth) });
    await using other = await startSimulator({ latency });
    const outcome = await runPool([memberOf(one), memberOf(other)], 300, { concurrency: 8 });
    expectAll(outcome, 300);
    expect(failed(one)).toBeGreaterThan(3);
    for (const item of outcome.items) {
      const attempts = "completion" in item ? item.completion.attempts : Number.NaN;
      expect(attempts).toBeLessThanOrEqual(2);
    }
  });
});

describe("rows that no member of a pool can answer", () => {
  const tenth = Array.from({ length: 30 }, (_, index) => index * 10 + 5);
  const failures = (rows: readonly number[]) => Object.fromEntries(rows.map((row) => [row, "SERVER_ERROR"]));

  it("rows that no member of a pool can answer fail alone where they are a tenth of all rows", async () => {
    await using one = await startSimulator({ latency, faults: failing(tenth) });
    await using other = await startSimulator({ latency, faults: failing(tenth) });
    const outcome = await runPool([memberOf(one), memberOf(other)], 300, { concurrency: 32 });
    expectAll(outcome, 300, failures(tenth));
    // Ten attempts for each, one for every other row, and the checks of members that looked away.
    expect(one.ledger.received + other.ledger.received).toBeLessThan(270 + 30 * 14);
  });

  it.for([1, 2, 3])(
    "rows that no member of a pool can answer fail alone where no other rows are left, with %i members",
    async (count) => {
      const last = [35, 36, 37, 38, 39];
      await using one = await startSimulator({ latency, faults: failing(last) });
      const members = Array.from({ length: count }, () => memberOf(one));
      const outcome = await runPool(members, 40, few);
      expectAll(outcome, 40, failures(last));
      expect(one.ledger.received).toBeLessThan(35 + 5 * 20);
    },
  );

  it("rows that no member of a pool can answer fail alone right after an outage", async () => {
    let isDown = false;
    await using one = await startSimulator({ latency, faults: failing([150], () => isDown) });
    await using other = await startSimulator({ latency, faults: failing([150], () => isDown) });
    const outcome = await runPool([memberOf(one), memberOf(other)], 200, few, ({ index }) => {
      if (index !== 100) return;
      isDown = true;
      setTimeout(() => (isDown = false), 50);
    });
    expectAll(outcome, 200, { 150: "SERVER_ERROR" });
    expect(states(outcome)).toEqual(["active", "active"]);
  });
});

describe("faults of all kinds at random", () => {
  it.for([1, 2, 3, 4])(
    "random faults of all kinds at a pool fail no row, and leave nothing behind (seed %i)",
    async (seed) => {
      const faults = firstOf(
        atRate(0.05, down),
        atRate(0.05, { kind: "status", status: 429, headers: { "retry-after": "2" } }),
        atRate(0.03, { kind: "status", status: 503, headers: { "retry-after": "60" } }),
        atRate(0.03, { kind: "reset" }),
        atRate(0.02, { kind: "truncate" }),
        atRate(0.02, { kind: "invalidJson" }),
        atRate(0.01, { kind: "stall" }),
        atRate(0.002, { kind: "noCredit" }),
        atRate(0.002, { kind: "status", status: 401 }),
      );
      await using one = await startSimulator({ latency, faults, seed });
      await using two = await startSimulator({ latency, faults, seed: seed + 100 });
      await using three = await startSimulator({ latency, faults: () => ({ kind: "noCredit" }) });
      await using steady = await startSimulator({
        latency,
        limits: { requestsPerMinute: 60_000, burstSeconds: 1 },
      });
      const members = [one, two, three, steady].map((server) => memberOf(server));
      const journal = memoryJournal();
      const options: CompletionOptions = {
        concurrency: 40,
        attemptTimeoutMs: 4000,
        n: 2,
        journal,
        maxTokens: 60,
      };
      const budget = { maxRequests: 5000 };
      const outcome = await runPool(members, 300, { ...options, budget });
      expectAll(outcome, 300);
      for (const item of outcome.items)
        expect(item).toMatchObject({ completion: { choices: { length: 2 } } });
      const asked = [one, two, three, steady].map(({ ledger }) => ledger.received);
      const again = await runPool(members.toReversed(), 300, options);
      expect(texts(again)).toEqual(texts(outcome));
      expect([one, two, three, steady].map(({ ledger }) => ledger.received)).toEqual(asked);
    },
  );
});

describe("a run with a pool in virtual time", () => {
  it("a run with a pool leaves no timer behind", async () => {
    const time = createVirtualClock();
    await using one = await startSimulator();
    await using other = await startSimulator({ faults: () => down });
    const members = [one, other].map((server) =>
      memberOf(server, { limiter: createLimiter({ clock: time, limits: { requestsPerMinute: 6000 } }) }),
    );
    let isOver = false;
    const run = runPool(members, 100).finally(() => (isOver = true));
    while (!isOver) await time.advance(10);
    expectAll(await run, 100);
    expect(time.pendingTimers).toBe(0);
  });
});
