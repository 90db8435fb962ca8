import { startSimulator, type Fault, type FaultRequest } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { documentOf } from "../../../fixtures/prompts.ts";
import { expectAll, memberOf, runPool, states } from "../../../fixtures/run-pool.ts";

const latency = { kind: "fixed", ms: 2 } as const;
const few = { concurrency: 16 };
const blocks =
  (...rows: readonly number[]) =>
  (request: FaultRequest): Fault | undefined =>
    rows.includes(documentOf(request)) ? { kind: "blocked" } : undefined;

describe("a row that all members of a pool refuse as a key is refused", () => {
  it.each([
    ["in the middle", [50, 51]],
    ["as the first rows", [0]],
    ["as the first and the last rows", [0, 99]],
  ])(
    "a row that all members of a pool refuse as a key is refused fails alone, and the members go on answering: %s",
    async (_where, rows) => {
      await using one = await startSimulator({ latency, faults: blocks(...rows) });
      await using other = await startSimulator({ latency, faults: blocks(...rows) });
      const outcome = await runPool([memberOf(one), memberOf(other)], 100, few);
      expectAll(outcome, 100, Object.fromEntries(rows.map((row) => [row, "BLOCKED"])));
      expect(states(outcome)).toEqual(["active", "active"]);
      expect(one.ledger.received + other.ledger.received).toBeLessThanOrEqual(100 + 6 * rows.length);
    },
  );

  it("a row that all members of a pool refuse as a key is refused fails alone in a pool of one member", async () => {
    await using one = await startSimulator({ latency, faults: blocks(0, 7) });
    const outcome = await runPool([memberOf(one)], 20, few);
    expectAll(outcome, 20, { 0: "BLOCKED", 7: "BLOCKED" });
    expect(outcome.items[7]).toMatchObject({
      failure: { message: expect.stringMatching(/^The server refuses row 8 and answers others: HTTP 403/) },
    });
  });

  it("a row that one member of a pool refuses as a key is refused is answered by another, and the member stays", async () => {
    await using one = await startSimulator({ latency, faults: blocks(40, 41, 42) });
    await using other = await startSimulator({ latency });
    const outcome = await runPool([memberOf(one), memberOf(other)], 100, few);
    expectAll(outcome, 100);
    expect(states(outcome)).toEqual(["active", "active"]);
  });
});

describe("a pool that refuses everybody", () => {
  it("a pool stops after its first two rows where all keys are wrong, with the reason of each member", async () => {
    await using one = await startSimulator();
    await using other = await startSimulator();
    const members = [memberOf(one, { apiKey: "wrong" }), memberOf(other, { apiKey: "false" })];
    const { error, items } = await runPool(members, 50, few);
    expect(items).toEqual([]);
    expect(error).toMatchObject({
      code: "AUTHENTICATION",
      message: expect.stringMatching(/No member of the pool is left.*openai 1.*401.*openai 2.*401/),
    });
    expect(one.ledger.received + other.ledger.received).toBe(4);
  });

  it("a pool that refuses a single row stops at it", async () => {
    await using one = await startSimulator();
    const { error } = await runPool([memberOf(one, { apiKey: "wrong" })], 1);
    expect(error).toMatchObject({ code: "AUTHENTICATION", message: expect.stringContaining("401") });
    expect(one.ledger.received).toBe(1);
  });

  it("a pool stops where all members refuse row after row as bad requests, with the same words", async () => {
    let answered = 0;
    const faults = (): Fault | undefined =>
      (answered += 1) > 20
        ? { kind: "status", status: 400, body: { error: { message: `Tenant is suspended (${answered})` } } }
        : undefined;
    await using one = await startSimulator({ latency, faults });
    await using other = await startSimulator({ latency, faults });
    const { error } = await runPool([memberOf(one), memberOf(other)], 300, few);
    expect(error).toMatchObject({
      code: "SAME_REFUSAL",
      message: expect.stringMatching(/No member of the pool is left.*suspended/),
    });
    expect(one.ledger.received + other.ledger.received).toBeLessThan(20 + 2 * (20 + 16 + 2));
  });
});
