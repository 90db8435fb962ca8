import { memoryJournal } from "@parallel-parrot/journal";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type Fault, type FaultRequest, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { FIREWALL, NO_ENDPOINT, startGateway } from "../../../fixtures/gateway.ts";
import { documentOf, prompts } from "../../../fixtures/prompts.ts";
import { clock, expectAll, runOne } from "../../../fixtures/run-pool.ts";
import { createLimiter } from "../../index.ts";

const blocked = (by: "firewall" | "filter" | "router"): Fault => ({ kind: "blocked", by });
const blocks =
  (rows: readonly number[], by: "firewall" | "filter" | "router" = "firewall") =>
  (request: FaultRequest): Fault | undefined =>
    rows.includes(documentOf(request)) ? blocked(by) : undefined;
const failing = (rows: readonly number[]): Record<number, string> =>
  Object.fromEntries(rows.map((row) => [row, "BLOCKED"]));
const at = ({ baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">) =>
  openai({ model: "sim", baseUrl, apiKey });

describe("a row that is refused as a key or a model is", () => {
  it.each([
    ["firewall", 403, "Sorry, you have been blocked"],
    ["filter", 401, "Request denied by policy"],
    ["router", 404, "No endpoints found that support image input"],
  ] as const)(
    "a row that a %s blocks (%d) fails alone, and its message names the row and has the server's words",
    async (by, status, words) => {
      await using simulator = await startSimulator({ faults: blocks([5], by) });
      const outcome = await runOne(at(simulator), 20);
      expectAll(outcome, 20, { 5: "BLOCKED" });
      const message = expect.stringMatching(
        new RegExp(`^The server refuses row 6 and answers others: HTTP ${status}(?!: HTTP).*${words}`, "s"),
      );
      expect(outcome.items[5]).toMatchObject({ failure: { code: "BLOCKED", message, attempts: 2 } });
      // The row is asked twice, and in between one that was answered before.
      expect(simulator.ledger.received).toBe(20 + 2);
    },
  );

  it("what it costs to ask a row again that was answered is on the usage of the run and on no row's", async () => {
    await using simulator = await startSimulator({ faults: blocks([5]) });
    const { items, stage } = await runOne(at(simulator), 20);
    const ofRows = items.reduce(
      (sum, item) =>
        sum + ("failure" in item ? item.failure.usage.outputTokens : item.completion.usage.outputTokens),
      0,
    );
    expect(stage.progress().usage.outputTokens).toBeGreaterThan(ofRows);
  });

  it("the first row of a run that a firewall blocks fails alone, when the second one is answered", async () => {
    await using simulator = await startSimulator({ faults: blocks([0]) });
    expectAll(await runOne(at(simulator), 20), 20, { 0: "BLOCKED" });
    expect(simulator.ledger.entries.slice(0, 3).map(documentOf)).toEqual([0, 1, expect.any(Number)]);
    expect(simulator.ledger.received).toBe(20 + 1);
  });

  it("the first row that a firewall blocks fails alone where only one row is asked at a time", async () => {
    await using simulator = await startSimulator({ faults: blocks([0]) });
    expectAll(await runOne(at(simulator), 20, { concurrency: 1 }), 20, { 0: "BLOCKED" });
    expect(Math.max(...simulator.ledger.entries.map(({ inFlight }) => inFlight))).toBe(1);
  });

  it("a run of one row stops where the row is refused, at once", async () => {
    await using simulator = await startSimulator({ faults: blocks([0]) });
    const { items, error } = await runOne(at(simulator), 1);
    expect(items).toEqual([]);
    const message = expect.stringMatching(/This came to row 1; no row was answered before it$/);
    expect(error).toMatchObject({ code: "PERMISSION", message });
    expect(simulator.ledger.received).toBe(1);
  });

  it("a run stops where no other row comes within seconds", async () => {
    await using simulator = await startSimulator({ faults: blocks([0]) });
    const { error } = await runOne(at(simulator), 20, { window: 1, limiter: createLimiter({ clock }) });
    expect(error).toMatchObject({ code: "PERMISSION" });
    expect(simulator.ledger.received).toBe(1);
  });

  it("a run stops where all rows ask the same, share the answer, and are refused", async () => {
    await using simulator = await startSimulator({ faults: () => blocked("firewall") });
    const rows = prompts(Array.from({ length: 20 }, () => "Summarise document 1."));
    const { error } = await runOne(at(simulator), rows, { askEqualOnce: true });
    expect(error).toMatchObject({ code: "PERMISSION" });
    expect(simulator.ledger.received).toBe(2);
  });

  it("many rows that a firewall blocks fail alone, in a block or strewn about", async () => {
    const rows = Array.from({ length: 200 }, (_, row) => row).filter(
      (row) => (row >= 40 && row < 80) || row % 10 === 3,
    );
    await using simulator = await startSimulator({ latency: { kind: "fixed", ms: 2 }, faults: blocks(rows) });
    expectAll(await runOne(at(simulator), 200, { concurrency: 16 }), 200, failing(rows));
    // Not one check for each of them.
    expect(simulator.ledger.received).toBeLessThan(200 + 2 * rows.length + rows.length / 2);
  });

  it("each request of a row for several choices may be blocked at once", async () => {
    await using simulator = await startSimulator({ faults: blocks([5]) });
    const provider = at(simulator);
    const capabilities = { ...provider.capabilities, nativeN: false };
    expectAll(await runOne({ ...provider, capabilities }, 10, { n: 4 }), 10, { 5: "BLOCKED" });
    expect(simulator.ledger.received).toBeLessThanOrEqual(9 * 4 + 2 * 4 + 1);
  });

  it("a run goes on with rows of the journal: one of them is asked again, and the blocked row fails alone", async () => {
    const journal = memoryJournal();
    let isBlocking = false;
    await using simulator = await startSimulator({
      faults: (request) => (isBlocking ? blocks([10])(request) : undefined),
    });
    expectAll(await runOne(at(simulator), 10, { journal }), 10);
    isBlocking = true;
    // The first row that is sent is the blocked one.
    expectAll(await runOne(at(simulator), 20, { journal }), 20, { 10: "BLOCKED" });
    expect(simulator.ledger.received).toBe(10 + 10 + 2);
    // A firewall may have been told better: the row is asked again.
    isBlocking = false;
    expectAll(await runOne(at(simulator), 20, { journal }), 20);
    expect(simulator.ledger.received).toBe(10 + 10 + 2 + 1);
  });

  it("a row that a server of a foreign make blocks by its words fails alone: with a page, or as no endpoint takes it", async () => {
    const gateway = await startGateway((prompt) => {
      if (/document [26]\./.test(prompt)) return FIREWALL;
      return prompt.includes("document 4.") ? NO_ENDPOINT : undefined;
    });
    const provider = openai({ model: "m", baseUrl: gateway.baseUrl, apiKey: "k" });
    const outcome = await runOne(provider, 10);
    expectAll(outcome, 10, { 2: "BLOCKED", 4: "BLOCKED", 6: "BLOCKED" });
    expect(outcome.items[4]).toMatchObject({
      failure: { message: expect.stringContaining("No endpoints found that support image input") },
    });
  });
});

describe("a key that is revoked", () => {
  it("a run with a wrong key stops after its first two rows", async () => {
    await using simulator = await startSimulator();
    const { items, error } = await runOne(at({ ...simulator, apiKey: "wrong" }), 50);
    expect(items).toEqual([]);
    const message = expect.stringMatching(/This came to row 2; no row was answered before it$/);
    expect(error).toMatchObject({ code: "AUTHENTICATION", message });
    expect(simulator.ledger.received).toBe(2);
  });

  it("a key that is revoked in mid-run stops the run with few requests, although rows were blocked before", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 3 },
      faults: (request) =>
        request.sequence > 100 ? { kind: "status", status: 401 } : blocks([20, 21, 40])(request),
    });
    const { items, error } = await runOne(at(simulator), 500, { concurrency: 16 });
    expect(error).toMatchObject({ code: "AUTHENTICATION" });
    expect(items.every((item) => !("failure" in item) || item.failure.code === "BLOCKED")).toBe(true);
    expect(simulator.ledger.entries.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(
      16 + 2,
    );
  });
});
