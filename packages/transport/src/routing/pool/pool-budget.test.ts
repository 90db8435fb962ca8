import { startSimulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { expectAll, memberOf, runPool } from "../../../fixtures/run-pool.ts";
import { createBudget, createLimiter, type CompletionOptions } from "../../index.ts";

const latency = { kind: "fixed", ms: 3 } as const;
const dear = { input: 10_000, output: 10_000 };
const free = { input: 0, output: 0 };

describe("the budget of a pool", () => {
  it("the budget of a pool is one for all members: it is used to the end and never exceeded by a request", async () => {
    await using one = await startSimulator({ latency });
    await using other = await startSimulator({ latency });
    const outcome = await runPool([memberOf(one), memberOf(other)], 200, { budget: { maxRequests: 90 } });
    expect(outcome.error).toMatchObject({ code: "BUDGET_EXHAUSTED", option: "budget.maxRequests" });
    expect(outcome.items).toHaveLength(90);
    expect(one.ledger.received).toBeGreaterThan(20);
    expect(other.ledger.received).toBeGreaterThan(20);
    expect(one.ledger.received + other.ledger.received).toBe(90);
  });

  it("the budget of a pool is never exceeded by a cent, and nearly used up, with members of different prices", async () => {
    await using one = await startSimulator({ latency });
    await using other = await startSimulator({ latency });
    const members = [
      memberOf(one, { price: dear }),
      memberOf(other, { price: { input: 5000, output: 15_000 } }),
    ];
    const budget = createBudget({ maxCost: 40 });
    const outcome = await runPool(members, 1000, { budget, maxTokens: 40 });
    expect(outcome.error).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(outcome.stage.progress().cost).toBeCloseTo(budget.state.spent.cost, 9);
    expect(budget.state.spent.cost).toBeLessThanOrEqual(40);
    expect(budget.state.spent.cost).toBeGreaterThan(36);
  });

  it("when the budget of a pool is used up at a member that costs money, a free member does the rest", async () => {
    await using own = await startSimulator({ latency });
    await using paid = await startSimulator({ latency });
    const members = [memberOf(own, { price: free }), memberOf(paid, { price: dear })];
    const outcome = await runPool(members, 400, { budget: { maxCost: 5 }, maxTokens: 40 });
    expectAll(outcome, 400);
    // Of a request that may take more than 2 dollars nothing fits any more.
    expect(outcome.stage.progress().cost).toBeLessThanOrEqual(5);
    expect(outcome.stage.progress().cost).toBeGreaterThan(2);
    expect(own.ledger.received).toBeGreaterThan(paid.ledger.received * 3);
  });

  it("a tight budget holds back no request that a free member of the pool can take", async () => {
    await using paid = await startSimulator({ latency: { kind: "fixed", ms: 20 } });
    await using own = await startSimulator({ latency: { kind: "fixed", ms: 20 } });
    const members = [memberOf(paid, { price: dear }), memberOf(own, { price: free })];
    const outcome = await runPool(members, 600, { budget: { maxCost: 7 }, maxTokens: 40 });
    expectAll(outcome, 600);
    // A request sets 2 dollars or so aside.
    expect(paid.ledger.maxInFlight).toBeLessThanOrEqual(3);
    expect(own.ledger.maxInFlight).toBeGreaterThan(10);
  });

  it("a tight budget of a pool does not keep a row waiting for a member that throttles while another could take it", async () => {
    let isThrottled = false;
    await using one = await startSimulator({
      latency,
      faults: () =>
        isThrottled ? { kind: "status", status: 429, headers: { "retry-after": "3000" } } : undefined,
    });
    await using other = await startSimulator({ latency });
    // In real time: 3000 s are longer than any test.
    const members = [one, other].map((server) => memberOf(server, { limiter: createLimiter() }));
    // A request sets more than 200 tokens aside and takes 20 of them: few fit, and at the end one or two.
    const budget = createBudget({ maxTokens: 1700 });
    const options: CompletionOptions = { concurrency: 8, window: 8, maxTokens: 40, budget };
    let mostWaiting = 0;
    const outcome = await runPool(members, 60, options, ({ index }) => {
      mostWaiting = Math.max(mostWaiting, budget.waiting);
      if (index === 20) isThrottled = true;
    });
    expectAll(outcome, 60);
    expect(mostWaiting).toBeGreaterThan(0);
    expect(other.ledger.answered().length).toBeGreaterThanOrEqual(30);
  });

  it("the budget of a pool has nothing set aside after an abort for rows that waited for it", async () => {
    await using server = await startSimulator({
      faults: ({ sequence }) => (sequence > 1 ? { kind: "stall" } : undefined),
    });
    const abort = new AbortController();
    const budget = createBudget({ maxRequests: 4 });
    const run = runPool([memberOf(server), memberOf(server)], 20, { budget, signal: abort.signal });
    // One is answered and three are in flight; the others wait for the budget.
    while (server.ledger.received < 4) await new Promise((later) => setTimeout(later, 5));
    expect(budget.state.reserved.requests).toBe(3);
    abort.abort(new Error("enough"));
    expect((await run).error).toMatchObject({ message: "enough" });
    expect(budget.state.reserved.requests).toBe(0);
  });
});
