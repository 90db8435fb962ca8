// @module-tag slow

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-told-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
const readRows = async (name: string): Promise<Record<string, unknown>[]> =>
  (await readFile(join(folder, name), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const parrot = ({ apiKey, baseUrl }: Simulator, ...parameters: string[]): Promise<Finished> =>
  startParrot(parameters, { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl }, folder).finished;

const DATA = [
  "data",
  "in.jsonl",
  "--prompt",
  "About ${text}",
  "--keys",
  "q",
  "--model",
  "openai/sim",
  "-o",
  "out.jsonl",
];

/** Answers by the row's text, which the prompt ends with. */
function answersBy(
  texts: Readonly<Record<string, readonly string[]>>,
): NonNullable<SimulatorOptions["answer"]> {
  return ({ messages }, choice) => {
    const [, text = ""] = /About (\w+)/.exec(JSON.stringify(messages)) ?? [];
    return texts[text]?.[choice] ?? '{"items":[{"q":"fine"}]}';
  };
}

describe("the summary of parrot data", () => {
  it("the summary counts rows whose list is empty apart from those with answers", async () => {
    await using simulator = await startSimulator({ answer: () => '{"items":[]}' });
    const rows = Array.from({ length: 8 }, (_, id) => ({ id, text: `row${id}` }));
    await write("in.jsonl", rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const { code, stderr } = await parrot(simulator, ...DATA);
    expect(code).toBe(0);
    expect(stderr.split("\n")).toContain("8 rows with an empty list as the answer");
    expect(await readRows("out.jsonl")).toEqual(rows.map(({ id, text }) => ({ id, text, q: null })));
    expect(await readdir(folder)).not.toContain("out.jsonl.failed.jsonl");
  });

  it("the summary has a line for each kind of odd answer, and --lineage a column", async () => {
    await using simulator = await startSimulator({
      answer: answersBy({
        cut: ['{"items":[{"q":"one"},{"q":"two and some more words to be cut at the limit"}]}'],
        mended: ['{"items":[{"q":"one",}]}'],
        half: ['{"items":[{"q":"one"}]}', "I would rather not"],
        both: ['{"items":[{"q":"one",}]}', "Nor I"],
        none: ['{"items":[]}', '{"items":[]}'],
      }),
    });
    const texts = ["fine", "cut", "mended", "half", "both", "none"];
    await write("in.jsonl", texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
    const options = ["--n", "2", "--max-tokens", "12"];
    const { code, stderr } = await parrot(simulator, ...DATA, ...options);
    expect(code).toBe(0);
    const told = stderr.split("\n");
    expect(told).toContain("1 row with an empty list as the answer");
    for (const line of [
      /^1 answer cut off at the token limit/,
      /^2 answers .*repaired$/,
      /^2 answers without a choice that could not be used$/,
    ])
      expect(told.filter((each) => line.test(each))).toHaveLength(1);
    expect(told).toContain("--lineage adds a column that names these warnings in each row");

    const again = await parrot(simulator, ...DATA, ...options, "--lineage", "--overwrite");
    expect(again.stderr).not.toContain("--lineage adds");
    const rows = await readRows("out.jsonl");
    expect(rows.map(({ text, _warnings }) => [text, _warnings])).toEqual([
      ["fine", null],
      ["cut", "TRUNCATED"],
      ["cut", "TRUNCATED"],
      ["mended", "REPAIRED"],
      ["mended", "REPAIRED"],
      ["half", "CHOICE_DROPPED"],
      ["both", "REPAIRED,CHOICE_DROPPED"],
      ["none", null],
    ]);
  });
});

describe("parrot data, where answers cannot be read whole,", () => {
  it("data asks again for an answer that cannot be read whole, and uses the most that came as a last resort", async () => {
    const asked = new Map<string, number>();
    const answers: Record<string, readonly string[]> = {
      // A bad escape in a list that is whole, with its outer bracket missing.
      open: [String.raw`{"items":[{"q":"\d+"}]`],
      part: ['{"items":[{"q":"one"},{"q":"two"},{"q', '[{"q":"one"},{"q', "Sorry"],
      late: ['{"q":"one"}\n{"q":"two "x}\n{"q":"three"}', '[{"q":"one"},{"q":"two"},{"q":"three"}]'],
      never: ["Sorry"],
    };
    await using simulator = await startSimulator({
      answer: ({ messages }) => {
        const [, text = ""] = /About (\w+)/.exec(JSON.stringify(messages)) ?? [];
        const times = asked.get(text) ?? 0;
        asked.set(text, times + 1);
        return answers[text]?.[times] ?? answers[text]?.at(-1);
      },
    });
    const texts = Object.keys(answers);
    await write("in.jsonl", texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
    const journal = ["--journal", "run.db"];
    const { code, stderr } = await parrot(simulator, ...DATA, "--lineage", ...journal);
    expect([code, Object.fromEntries(asked)]).toEqual([3, { open: 1, part: 3, late: 2, never: 3 }]);
    expect(stderr).toContain("1 answer read only in part, even where asked for again\n");
    const rows = (await readRows("out.jsonl")).map((row) => [row["text"], row["q"], row["_warnings"]]);
    expect(rows).toEqual([
      ["open", String.raw`\d+`, "REPAIRED"],
      ["part", "one", "PARTIAL"],
      ["part", "two", "PARTIAL"],
      ["late", "one", null],
      ["late", "two", null],
      ["late", "three", null],
    ]);

    const retried = await parrot(simulator, "retry-failed", ...journal);
    expect(retried.code).toBe(3);
    expect(Object.fromEntries(asked)).toEqual({ open: 1, part: 3, late: 2, never: 6 });
    expect((await readRows("out.jsonl")).map((row) => [row["text"], row["q"], row["_warnings"]])).toEqual(
      rows,
    );
  });
});

describe("parrot text", () => {
  it("text sends no half of a character, and tells of the rows that had one", async () => {
    await using simulator = await startSimulator();
    await write(
      "in.jsonl",
      '{"text":"cut \\ud83d"}\n{"text":"whole \\ud83d\\ude00"}\n{"text":"\\ude00 and \\ud83d"}\n',
    );
    const { code, stderr } = await parrot(
      simulator,
      "text",
      "in.jsonl",
      "--prompt",
      "${text}",
      "--model",
      "openai/sim",
      "-o",
      "out.jsonl",
      "--lineage",
    );
    expect(code).toBe(0);
    expect(stderr).toContain(
      "2 answers to a prompt with half of a character (a lone surrogate), replaced by U+FFFD\n",
    );
    expect(simulator.ledger.entries.map(({ body }) => body)).toMatchObject(
      ["cut \uFFFD", "whole \u{1F600}", "\uFFFD and \uFFFD"].map((content) => ({ messages: [{ content }] })),
    );
    const rows = await readRows("out.jsonl");
    expect(rows.map((row) => row["_warnings"])).toEqual(["PROMPT_MENDED", null, "PROMPT_MENDED"]);
    expect(rows[0]?.["text"]).toBe("cut \ud83d");
  });
});
