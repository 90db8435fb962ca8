// @module-tag slow

import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";
import type { GenerateOptions } from "../flags/options.ts";
import { requireGroupOptions } from "../job/require-groups.ts";
import { describeGroups } from "./describe-groups.ts";

const ROWS = 26;
const PER_REQUEST = 5;

let simulator: Simulator;
let workplace: Workplace;
let faults: FaultScript;
/** How often the model was asked about each row, alone or beside others. */
let asked: Map<string, number>;

beforeEach(async () => {
  faults = () => undefined;
  asked = new Map();
  simulator = await startSimulator({
    faults: (request) => faults(request),
    answer({ messages }) {
      const row = messages.at(-1)?.parts.join("") ?? "";
      asked.set(row, (asked.get(row) ?? 0) + 1);
      return `answer to ${row}`;
    },
  });
  workplace = await Workplace.open(simulator);
  const lines = Array.from({ length: ROWS }, (_, row) => `${JSON.stringify({ word: `word ${row}` })}\n`);
  await workplace.write("in.jsonl", lines.join(""));
});
afterEach(async () => {
  await simulator.close();
  await workplace.close();
});

const TEXT = ["text", "in.jsonl", "--prompt", "What is ${word}", "--model", "openai/sim"];
const TOGETHER = [...TEXT, "--rows-per-request", String(PER_REQUEST)];

describe("--rows-per-request", () => {
  it("a run of several rows to a request writes what a run of one does, and says what became of them", async () => {
    let requests = 0;
    faults = () => ((requests += 1) === 3 ? { kind: "rowsConfused", form: "missing" } : undefined);
    const together = await workplace.run(...TOGETHER, "-o", "together.jsonl");
    expect([together.code, simulator.ledger.received]).toEqual([0, 1 + 5 + 1]);
    expect(together.stderr).toContain(
      "24 rows were answered in 5 requests for several rows; 1 row was asked alone after that: 1 was missing from an answer\n",
    );
    await workplace.run(...TEXT, "--no-journal", "-o", "alone.jsonl");
    expect(await workplace.read("together.jsonl")).toBe(await workplace.read("alone.jsonl"));

    const before = simulator.ledger.received;
    const explained = await workplace.run("explain", ...TOGETHER);
    expect(explained.stdout).toBe(`${ROWS} rows: ${ROWS} answered, 0 to be asked\n`);
    const other = await workplace.run(
      ...TEXT,
      "--rows-per-request",
      "9",
      "-o",
      "together.jsonl",
      "--overwrite",
    );
    expect([other.code, simulator.ledger.received]).toEqual([0, before]);
  });

  it("a run of several rows to a request that is killed again and again asks nothing twice but what was on its way", async () => {
    let kills = 0;
    for (let code: number | null = null; code === null;) {
      const child = workplace.start([...TOGETHER, "--concurrency", "1", "-o", "out.jsonl"]);
      let requests = 0;
      faults = () => {
        requests += 1;
        if (requests === 3) {
          kills += 1;
          child.kill("SIGKILL");
        }
        return undefined;
      };
      ({ code } = await child.finished);
    }
    expect(kills).toBeGreaterThan(1);
    const lines = (await workplace.read("out.jsonl")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { readonly output: string }).output)).toEqual(
      Array.from({ length: ROWS }, (_, row) => `answer to What is word ${row}`),
    );
    // Of one request at a time, the next one may be on its way while the answer to the last is being written.
    const again = [...asked.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(again).toBeLessThanOrEqual(2 * PER_REQUEST * kills);
  });

  it("the estimate tells what several rows to a request save", async () => {
    const prompt = `${"Answer in one word of the list of the kinds of things. ".repeat(10)}What is \${word}`;
    const parameters = ["estimate", "text", "in.jsonl", "--prompt", prompt, "--model", "openai/gpt-4.1-mini"];
    const json = [
      ...parameters,
      "--rows-per-request",
      "13",
      "--output-tokens",
      "5",
      "--price",
      "input=1,output=2",
      "--json",
    ];
    const { stdout } = await workplace.run(...json);
    const estimate = JSON.parse(stdout) as {
      readonly requests: object;
      readonly groups: { readonly inputTokens: number; readonly cost: number };
    };
    expect(estimate).toMatchObject({
      requests: { estimate: 2 },
      groups: { rowsPerRequest: 13, requests: 24 },
    });
    expect(estimate.groups.inputTokens).toBeGreaterThan(1500);
    expect(estimate.groups.cost).toBeGreaterThan(0);
  });

  it.each<[Partial<GenerateOptions>, string]>([
    [{ n: 2 }, "--n"],
    [{ batch: true }, "--batch"],
    [{ thoughts: "why" }, "--thoughts"],
    [{ stop: ["x"] }, "--stop"],
    [{ imageColumn: ["photo"] }, "images"],
    [{ rowsPerRequest: 0 }, "1 to 1000"],
  ])("--rows-per-request with %o is refused in the words of the command line", (options, words) => {
    const given = {
      rowsPerRequest: 5,
      n: 1,
      batch: false,
      imageColumn: [],
      ...options,
    } as unknown as GenerateOptions;
    expect(() => requireGroupOptions(given)).toThrow(
      expect.objectContaining({
        option: "--rows-per-request",
        message: expect.stringContaining(words) as string,
      }) as Error,
    );
  });

  it("what became of rows that were asked together is told with every reason, and with a smaller number of rows", () => {
    const alone = { missing: 2, doubled: 1, cutOff: 3, refused: 4, overBudget: 5 };
    const groups = { requests: 9, answered: 80, alone, foreign: 1, most: 5 };
    expect(describeGroups(groups, 10)).toEqual([
      "80 rows were answered in 9 requests for several rows; 15 rows were asked alone after that: 2 were missing from an answer, 1 came twice, 3 were behind the cut of the token limit, 4 were in a request that was refused, 5 were in requests that the budget had no room for; 1 answer with an id of no row counted for nobody",
      "Requests were for 5 rows at most in the end, as more were too long",
    ]);
    expect(describeGroups({ ...groups, most: 1 }, 10)[1]).toContain("asked alone in the end");
    const none = { missing: 0, doubled: 0, cutOff: 0, refused: 0, overBudget: 0 };
    expect(describeGroups({ ...groups, requests: 0, alone: none }, 10)).toEqual([]);
  });
});
