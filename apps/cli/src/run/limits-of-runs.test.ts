// @module-tag slow

import { startSimulator, type Fault, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

const COMMAND = ["text", "in.jsonl", "--prompt", "Summarise: ${text}", "--model", "openai/sim"];
const TO_FILE = [...COMMAND, "-o", "out.jsonl"];

let simulator: Simulator;
let place: Workplace;
/** Rows whose text has one of these are refused. */
let refused: readonly string[];
let refusal: Fault;
let asked: number;

beforeEach(async () => {
  refused = [];
  refusal = { kind: "status", status: 400 };
  asked = 0;
  simulator = await startSimulator({
    faults: ({ body }) => (refused.some((word) => JSON.stringify(body).includes(word)) ? refusal : undefined),
  });
  place = await Workplace.open(simulator);
  await place.write("in.jsonl", rows(40));
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

function rows(count: number, edit: (text: string, id: number) => string = (text) => text): string {
  return Array.from(
    { length: count },
    (_, id) => `${JSON.stringify({ id, text: edit(`Lamp ${id}. It was made in 1900.`, id) })}\n`,
  ).join("");
}

/** Runs it; gives its exit code, what it said and how many requests it sent. */
async function run(
  ...parameters: readonly string[]
): Promise<{ code: number | null; stderr: string; asks: number }> {
  const { code, stderr } = await place.run(...parameters);
  const asks = simulator.ledger.received - asked;
  asked = simulator.ledger.received;
  return { code, stderr, asks };
}

describe("a run with limits", () => {
  it("--max-cost holds over the whole run, resumed or not", async () => {
    const price = ["--price", "input=1000,output=1000", "--max-tokens", "20", "--concurrency", "1"];
    expect(await run(...TO_FILE, ...price, "--max-cost", "0.5")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("Go on with: parrot resume, with a larger --max-cost\n"),
    });
    expect(await run("resume")).toMatchObject({ code: 4, asks: 0 });
    expect(await run("resume", "--max-cost", "100")).toMatchObject({ code: 0 });
    expect(simulator.ledger.received).toBe(40);
  });

  it("a run can be given a limit when it is resumed, also for a model that is not known", async () => {
    refused = ["Lamp 3."];
    await run(...TO_FILE, "--concurrency", "1", "--on-failure", "stop");
    const limits = ["--max-cost", "100", "--price"];
    expect(await run("retry-failed", ...limits, "input=1,output=2")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("(here: --max-tokens, or max-output in --price)"),
    });
    refused = [];
    expect(await run("retry-failed", ...limits, "input=1,output=2,max-output=4096")).toMatchObject({
      code: 0,
    });
  });

  it.each([
    ["5", 20],
    ["20%", 110],
  ])("a run stops when more rows fail than --max-failures %s", async (limit, most) => {
    refused = ["Lamp 1", "Lamp 2", "Lamp 3"];
    await place.write("in.jsonl", rows(300));
    const { code, stderr } = await run(...TO_FILE, "--max-failures", limit, "--concurrency", "1");
    expect(code).toBe(4);
    expect(stderr).toMatch(/rows failed, more than --max-failures allows/);
    expect(stderr).toContain("Go on with: parrot resume, with a larger --max-failures\n");
    expect(simulator.ledger.received).toBeLessThan(most);
  });

  it("a run stops at a failed row with --on-failure stop, and says what asks it again", async () => {
    refused = ["Lamp 1."];
    const { code, stderr } = await run(...TO_FILE, "--on-failure", "stop");
    expect([code, stderr]).toEqual([4, expect.stringContaining("Go on with: parrot retry-failed\n")]);
    refused = [];
    expect(await run("retry-failed")).toMatchObject({ code: 0 });
    expect(simulator.ledger.byBody().size).toBe(40);
  });

  it.each<Fault>([{ kind: "blocked" }, { kind: "contentFilter" }])(
    "a run that --on-failure stop ended at a row which would fail again (%o) names what goes on",
    async (fault) => {
      [refused, refusal] = [["Lamp 9."], fault];
      const once = [...TO_FILE, "--concurrency", "1", "--on-failure"];
      const { code, stderr } = await run(...once, "stop");
      expect([code, stderr]).toEqual([4, expect.stringContaining("The same row would stop the run again.")]);
      expect(stderr).toContain("What helps: parrot retry-failed --model PROVIDER/MODEL, or another prompt");
      expect(stderr).toContain("; or add --on-failure drop to the same command, which goes on without");
      expect(stderr).not.toContain("Go on with:");
      expect(await run("retry-failed")).toMatchObject({ code: 4 });
      expect(await run(...once, "drop")).toMatchObject({ code: 3 });
      expect((await place.read("out.jsonl")).trim().split("\n")).toHaveLength(39);
      refused = [];
      expect(await run("retry-failed", "--model", "openai/other")).toMatchObject({ code: 0 });
    },
  );
});
