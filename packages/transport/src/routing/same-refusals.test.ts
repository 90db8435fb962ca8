import { memoryJournal } from "@parallel-parrot/journal";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type Fault, type FaultRequest, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { BUDGET_EXCEEDED, startGateway, type Refusal } from "../../fixtures/gateway.ts";
import { documentOf } from "../../fixtures/prompts.ts";
import { expectAll, failures, runOne } from "../../fixtures/run-pool.ts";

const at = ({ baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">) =>
  openai({ model: "sim", baseUrl, apiKey });

/** What a gateway says whose words nobody knows; the number of the request is in it. */
const suspended = (request: number): Refusal => ({
  status: 400,
  body: { error: { message: `Tenant t-4711 is suspended (request req_${request}a7)`, code: "tenant_state" } },
});
const fault = (request: number): Fault => ({ kind: "status", ...suspended(request) });
const refuses =
  (isRefused: (row: number) => boolean) =>
  (request: FaultRequest): Fault | undefined =>
    isRefused(documentOf(request)) ? fault(request.sequence) : undefined;

describe("rows that are refused in succession with the same words", () => {
  it("a server that suddenly refuses every row as a bad request stops the run after some twenty rows", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 2 },
      faults: ({ sequence }) => (sequence > 30 ? fault(sequence) : undefined),
    });
    const outcome = await runOne(at(simulator), 500, { concurrency: 8 });
    expect(outcome.error).toMatchObject({
      code: "SAME_REFUSAL",
      message: expect.stringMatching(/refuses row after row.*\b2\d rows.*maxSameRefusals.*Tenant/s),
    });
    expect(Object.keys(failures(outcome)).length).toBeLessThan(30);
    expect(simulator.ledger.received).toBeLessThanOrEqual(30 + 20 + 8 + 1);
  });

  it("the rows that were refused before a run was stopped are asked again when it goes on", async () => {
    const journal = memoryJournal();
    let isSuspended = true;
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (isSuspended && sequence > 30 ? fault(sequence) : undefined),
    });
    const { error } = await runOne(at(simulator), 100, { journal });
    expect(error).toMatchObject({ code: "SAME_REFUSAL" });
    isSuspended = false;
    const before = simulator.ledger.received;
    expectAll(await runOne(at(simulator), 100, { journal }), 100);
    expect(simulator.ledger.received - before).toBe(70);
  });

  it("a block of rows that the server refuses stops nothing, as it answers what it answered before", async () => {
    const journal = memoryJournal();
    await using simulator = await startSimulator({ faults: refuses((row) => row >= 50 && row < 200) });
    const rows = Array.from({ length: 150 }, (_, index) => [50 + index, "BAD_REQUEST"] as const);
    const outcome = await runOne(at(simulator), 300, { journal });
    expectAll(outcome, 300, Object.fromEntries(rows));
    // Each false alarm doubles the number of rows that raise the next one.
    expect(simulator.ledger.received).toBeLessThanOrEqual(300 + 4);
    // They are refused for good: nothing is asked again.
    expectAll(await runOne(at(simulator), 300, { journal }), 300, Object.fromEntries(rows));
    expect(simulator.ledger.received).toBeLessThanOrEqual(300 + 4);
  });

  it("a block of rows with different words is no such refusal", async () => {
    const words = ["the first way", "the second way"];
    await using simulator = await startSimulator({
      faults: (request) => {
        const row = documentOf(request);
        if (row < 10) return undefined;
        return { kind: "status", status: 400, body: { error: { message: words[row % 2] } } };
      },
    });
    const { error, items } = await runOne(at(simulator), 100, { concurrency: 1 });
    expect(error).toBeUndefined();
    expect(items).toHaveLength(100);
    expect(simulator.ledger.received).toBe(100);
  });

  it.each<[what: string, code: string, fault: Fault]>([
    ["content filter", "CONTENT_FILTERED", { kind: "contentFilter", at: "prompt" }],
    [
      "window that is too small",
      "CONTEXT_TOO_LONG",
      {
        kind: "status",
        status: 400,
        body: { error: { message: "too long", code: "context_length_exceeded" } },
      },
    ],
  ])("rows that fail in succession for a %s do not count", async (_what, code, each) => {
    await using simulator = await startSimulator({
      faults: (request) => (documentOf(request) >= 10 ? each : undefined),
    });
    const outcome = await runOne(at(simulator), 100);
    expect(outcome.error).toBeUndefined();
    expect(new Set(Object.values(failures(outcome)))).toEqual(new Set([code]));
    expect(simulator.ledger.received).toBe(100);
  });

  it("half of the rows, refused in between those that are answered, stop nothing", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 2 },
      faults: refuses((row) => row % 2 === 1),
    });
    const outcome = await runOne(at(simulator), 400, { concurrency: 32 });
    expect(outcome.error).toBeUndefined();
    expect(Object.keys(failures(outcome))).toHaveLength(200);
    expect(simulator.ledger.received).toBeLessThanOrEqual(400 + 5);
  });

  it.each([
    [5, 5],
    [0, 90],
  ])("maxSameRefusals %d sets the number of rows, and 0 switches it off", async (maxSameRefusals, rows) => {
    await using simulator = await startSimulator({ faults: refuses((row) => row >= 10) });
    let isOver = false;
    const provider = at(simulator);
    const outcome = await runOne(
      {
        ...provider,
        readResponse(response, amendments) {
          isOver ||= response.status === 400;
          return provider.readResponse(
            isOver ? { ...response, status: 400, body: "{}" } : response,
            amendments,
          );
        },
      },
      100,
      { maxSameRefusals, concurrency: 1 },
    );
    expect(Object.keys(failures(outcome))).toHaveLength(rows);
    expect(outcome.error === undefined).toBe(maxSameRefusals === 0);
  });

  it("a run of which nothing was answered stops after so many refusals, with no row to ask again", async () => {
    const filter: Fault = { kind: "contentFilter", at: "prompt" };
    await using simulator = await startSimulator({
      faults: (request) => (documentOf(request) === 0 ? filter : fault(request.sequence)),
    });
    const { error } = await runOne(at(simulator), 100, { concurrency: 1 });
    expect(error).toMatchObject({ code: "SAME_REFUSAL" });
    expect(simulator.ledger.received).toBe(1 + 20);
  });

  it("a gateway of a foreign make that suspends its tenant stops the run, and one whose budget is used up at once", async () => {
    const options = { model: "m", apiKey: "k" };
    const gateway = await startGateway((_prompt, asked) => (asked < 5 ? undefined : suspended(asked)));
    const { error } = await runOne(openai({ ...options, baseUrl: gateway.baseUrl }), 200, { concurrency: 4 });
    expect(error).toMatchObject({ code: "SAME_REFUSAL", message: expect.stringContaining("suspended") });
    expect(gateway.asked.length).toBeLessThanOrEqual(5 + 20 + 4 + 1);
    const spent = await startGateway((_prompt, asked) => (asked < 5 ? undefined : BUDGET_EXCEEDED));
    const stopped = await runOne(openai({ ...options, baseUrl: spent.baseUrl }), 200, { concurrency: 4 });
    expect(stopped.error).toMatchObject({
      code: "NO_CREDIT",
      message: expect.stringContaining("Budget has been exceeded"),
    });
    expect(spent.asked.length).toBeLessThanOrEqual(5 + 4);
  });
});
