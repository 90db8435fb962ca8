// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-formulas-"));
});
afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
  await rm(folder, { recursive: true });
});

const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
const simulate = async (options: SimulatorOptions): Promise<void> => {
  simulator = await startSimulator(options);
};

function parrot(parameters: readonly string[], stdin = ""): Promise<Finished> {
  const { apiKey = "", baseUrl = "" } = simulator ?? {};
  const child = startParrot(parameters, { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl }, folder);
  child.stdin?.end(stdin);
  return child.finished;
}

/** Answers with what the prompt ends with, behind "Say: ". */
const echo: NonNullable<SimulatorOptions["answer"]> = ({ messages }) =>
  /Say: (.*)$/s.exec(messages.at(-1)?.parts.join("") ?? "")?.[1] ?? "";

const TEXT = ["--prompt", "Say: ${=say}", "--model", "openai/sim", "--output-key", "=out"];
const TOLD =
  /^2 cells that a spreadsheet would run as formulas have a ' in front; --no-escape-formulas leaves/m;
const ROWS = [
  { "=say": "=1+1", "-x": "=A1" },
  { "=say": "- apple", "-x": "@SUM(1)" },
  { "=say": "+SUM(1)", "-x": "+49 170" },
];
const CSV = "=say,-x\n=1+1,=A1\n- apple,@SUM(1)\n+SUM(1),+49 170\n";
const LINES = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");
const OUTPUT = "=say,-x,=out\n=1+1,=A1,'=1+1\n- apple,@SUM(1),- apple\n+SUM(1),+49 170,'+SUM(1)\n";

describe("in a table, formulas of answers alone are escaped", () => {
  it.each([
    ["a CSV file", "in.csv", CSV, []],
    ["a JSON file", "in.json", JSON.stringify(ROWS), []],
    ["a JSON Lines file", "in.jsonl", LINES, []],
    ["CSV on standard input", "-", CSV, ["--from", "csv"]],
    ["JSON Lines on standard input", "-", LINES, ["--from", "jsonl"]],
  ])(
    "formulas of answers are escaped in a table, and none of the input, from %s",
    async (_name, input, content, options) => {
      await simulate({ answer: echo });
      if (input !== "-") await write(input, content);
      const { code, stderr } = await parrot(
        ["text", input, ...options, ...TEXT, "-o", "out.csv"],
        input === "-" ? content : "",
      );
      expect(stderr).toMatch(TOLD);
      expect(code).toBe(0);
      expect(await read("out.csv")).toBe(OUTPUT);
    },
  );

  it("formulas are not escaped with --no-escape-formulas, nor in JSON, and nothing is told", async () => {
    await simulate({ answer: echo });
    await write("in.csv", CSV);
    const raw = await parrot(["text", "in.csv", ...TEXT, "-o", "raw.csv", "--no-escape-formulas"]);
    expect(await read("raw.csv")).toBe(OUTPUT.replaceAll("'", ""));
    const lines = await parrot(["text", "in.csv", ...TEXT, "-o", "out.jsonl"]);
    expect(await read("out.jsonl")).not.toContain("'");
    for (const { code, stderr } of [raw, lines]) {
      expect(code).toBe(0);
      expect(stderr).not.toContain("spreadsheet");
    }
  });

  it("formulas of answers are escaped under a column that other rows of the input have too", async () => {
    await simulate({ answer: echo });
    await write("in.jsonl", '{"say":"=1","out":"=2"}\n{"say":"=3"}\n');
    const options = ["--prompt", "Say: ${say}", "--model", "openai/sim", "--output-key", "out"];
    await parrot(["text", "in.jsonl", ...options, "-o", "out.csv"]);
    expect(await read("out.csv")).toBe("say,out,out_2\n=1,=2,'=1\n=3,'=3,\n");
    await parrot(["text", "in.jsonl", ...options, "-o", "over.csv", "--on-collision", "overwrite"]);
    expect(await read("over.csv")).toBe("say,out\n=1,'=1\n=3,'=3\n");
  });

  it("formulas of answers are escaped when a run is resumed", async () => {
    let isAway = true;
    await simulate({
      answer: echo,
      faults: ({ body }) =>
        isAway && JSON.stringify(body).includes("SUM(1)") ? { kind: "status", status: 400 } : undefined,
    });
    await write("in.csv", CSV);
    const first = await parrot(["text", "in.csv", ...TEXT, "-o", "out.csv"]);
    expect([first.code, first.stderr]).toEqual([3, expect.stringMatching(/^1 cell that a spreadsheet/m)]);
    isAway = false;
    const second = await parrot(["retry-failed"]);
    expect([second.code, second.stderr]).toEqual([0, expect.stringMatching(TOLD)]);
    expect(await read("out.csv")).toBe(OUTPUT);
  });

  it("formulas are escaped in the columns of a failure, in a table of failed rows", async () => {
    await simulate({
      answer: ({ messages }) =>
        JSON.stringify(messages).includes("good") ? '{"items":[{"q":"=1"}]}' : "=cmd|' /C calc'!A0",
    });
    await write("in.csv", "say\n=good\n=bad\n");
    const data = ["data", "in.csv", "--prompt", "Say: ${say}", "--keys", "q", "--model", "openai/sim"];
    const files = ["-o", "out.csv", "--failed", "failed.csv"];
    const { code, stderr } = await parrot([...data, ...files]);
    expect(code).toBe(3);
    expect(stderr).toMatch(TOLD);
    expect(await read("out.csv")).toBe("say,q\n=good,'=1\n");
    const failed = await read("failed.csv");
    expect(failed).toMatch(/^say,failure_row,.*\n=bad,/);
    expect(failed).toContain(",'=cmd|' /C calc'!A0\n");
    await parrot([...data, ...files, "--overwrite", "--no-escape-formulas"]);
    expect(await read("failed.csv")).toContain(",=cmd|' /C calc'!A0\n");
  });
});

it("escaped answers are as they were answered in training files", async () => {
  await simulate({ answer: echo });
  const answers = [
    "- apple\n- pear",
    "+49 170",
    "@alice",
    "-5 %",
    "- [ ] task",
    "-- note",
    "+1 (555) 010-9999",
  ];
  await write("in.jsonl", answers.map((say) => `${JSON.stringify({ say })}\n`).join(""));
  const run = ["text", "in.jsonl", "--prompt", "Say: ${say}", "--model", "openai/sim", "-o", "out.csv"];
  expect((await parrot(run)).stderr).not.toContain("spreadsheet");
  const columns = ["--prompt-column", "say", "--completion-column", "output"];
  await parrot(["finetune", "out.csv", ...columns, "-o", "train.jsonl"]);
  const examples = (await read("train.jsonl")).trim().split("\n");
  expect(examples.map((line) => JSON.parse(line).messages.at(-1).content)).toEqual(answers);
});

describe("parrot explode", () => {
  const cell = '[{"q":"=1+1"},{"q":"- apple"},"@SUM(1)"]';
  const csv = `=id,list\n=7,"${cell.replaceAll('"', '""')}"\n`;
  const line = `${JSON.stringify({ "=id": "=7", list: cell })}\n`;

  it.each([
    ["a CSV file", "in.csv", csv, []],
    ["a JSON Lines file", "in.jsonl", line, []],
    ["a JSON file", "in.json", `[${line}]`, []],
    ["CSV on standard input", "-", csv, ["--from", "csv"]],
    ["JSON Lines on standard input", "-", line, ["--from", "jsonl"]],
  ])(
    "parrot explode escapes what it takes out of the cell, and no cell of the input, from %s",
    async (_name, input, content, options) => {
      if (input !== "-") await write(input, content);
      const run = ["explode", input, ...options, "--column", "list"];
      const stdin = input === "-" ? content : "";
      const { code, stderr } = await parrot([...run, "-o", "out.csv"], stdin);
      expect(code).toBe(0);
      expect(stderr).toMatch(TOLD);
      const rows = (await read("out.csv")).trim().split("\n");
      expect(rows[0]).toMatch(/^=id,/);
      expect(rows.slice(1).map((row) => row.replaceAll(",", ""))).toEqual([
        "=7'=1+1",
        "=7- apple",
        "=7'@SUM(1)",
      ]);
      const raw = await parrot([...run, "-o", "raw.csv", "--no-escape-formulas"], stdin);
      expect(raw.stderr).not.toContain("spreadsheet");
      expect(await read("raw.csv")).not.toContain("'");
    },
  );
});
