// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;
/** The prompts that were sent. */
let prompts: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-numbers-"));
  prompts = [];
  simulator = await startSimulator({
    answer: ({ messages }) => {
      const prompt = messages.at(-1)?.parts.join("") ?? "";
      prompts.push(prompt);
      return "fine";
    },
    faults: ({ body }) =>
      JSON.stringify(body).includes("refuse") ? { kind: "status", status: 400 } : undefined,
  });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
function parrot(...parameters: readonly string[]): Promise<Finished> {
  const { apiKey, baseUrl } = simulator;
  return startParrot(parameters, { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl }, folder).finished;
}

const ID = "1234567890123456789";
const LINES = `{"id":5,"deep":{"ids":[9007199254740993]}}\n{"id":${ID},"deep":{"ids":[]}}\n`;
const TEXT = ["--prompt", "${id} ${deep}", "--model", "openai/sim", "--concurrency", "1"];
const ROUNDED = /^1 number of the input was rounded, .*: 0\.1234567890123456789; --long-numbers text keeps/m;

describe("integers beyond 2^53", () => {
  it("integers beyond 2^53 are the same numbers in prompts and in every output", async () => {
    await write("in.jsonl", LINES);
    const { code, stderr } = await parrot("text", "in.jsonl", ...TEXT, "-o", "out.jsonl");
    expect(code).toBe(0);
    expect(stderr).not.toContain("rounded");
    expect(prompts.toSorted()).toEqual([`${ID} {"ids":[]}`, '5 {"ids":[9007199254740993]}']);
    expect(await read("out.jsonl")).toBe(LINES.replaceAll("}\n", ',"output":"fine"}\n'));
    await parrot("text", "in.jsonl", ...TEXT, "-o", "out.json");
    expect(await read("out.json")).toContain(`{"id":${ID},"deep"`);
    await parrot("text", "in.jsonl", ...TEXT, "-o", "out.csv");
    expect(await read("out.csv")).toBe(
      `id,deep,output\n5,"{""ids"":[9007199254740993]}",fine\n${ID},"{""ids"":[]}",fine\n`,
    );
    const shown = await parrot("text", "in.jsonl", ...TEXT, "--preview", "2");
    expect(shown.stdout).toContain(ID);
    expect(shown.stdout).toContain('{"ids":[9007199254740993]}');
    // Every one of them was found in the journal.
    expect(prompts).toHaveLength(2);
  });

  it("integers beyond 2^53 are text with --long-numbers text, which is another run", async () => {
    await write("in.jsonl", LINES);
    await parrot("text", "in.jsonl", ...TEXT, "-o", "out.jsonl");
    const options = ["--long-numbers", "text", "--overwrite"];
    const { stderr } = await parrot("text", "in.jsonl", ...TEXT, "-o", "out.jsonl", ...options);
    expect(stderr).not.toContain("Nothing to do");
    expect(await read("out.jsonl")).toBe(
      `{"id":5,"deep":{"ids":["9007199254740993"]},"output":"fine"}\n{"id":"${ID}","deep":{"ids":[]},"output":"fine"}\n`,
    );
  });

  it("integers beyond 2^53 are the same numbers in failed rows", async () => {
    await write("in.jsonl", `{"id":${ID},"text":"refuse"}\n`);
    const run = ["--prompt", "${id} ${text}", "--model", "openai/sim", "-o", "out.jsonl"];
    const { code } = await parrot("text", "in.jsonl", ...run);
    expect(code).toBe(3);
    expect(await read("out.jsonl.failed.jsonl")).toContain(`"input":{"id":${ID},"text":"refuse"}`);
  });

  it("integers beyond 2^53 are numbers in what is exploded, and text where asked for", async () => {
    await write("in.csv", `n,list\n1,"[{""id"":5},{""id"":${ID}}]"\n`);
    await parrot("explode", "in.csv", "--column", "list", "-o", "out.jsonl");
    expect(await read("out.jsonl")).toBe(`{"n":"1","id":5}\n{"n":"1","id":${ID}}\n`);
    await parrot("explode", "in.csv", "--column", "list", "-o", "text.jsonl", "--long-numbers", "text");
    expect(await read("text.jsonl")).toBe(`{"n":"1","id":5}\n{"n":"1","id":"${ID}"}\n`);
  });

  it("integers beyond 2^53 keep their digits in training files", async () => {
    await write("in.jsonl", LINES);
    const columns = ["--prompt-column", "id", "--completion-column", "deep"];
    await parrot("finetune", "in.jsonl", ...columns, "-o", "train.jsonl");
    const contents = (await read("train.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      contents.map(({ messages }) => messages.map(({ content }: { content: string }) => content)),
    ).toEqual([
      ["5", '{"ids":[9007199254740993]}'],
      [ID, '{"ids":[]}'],
    ]);
  });
});

describe("a decimal with more digits than a number holds", () => {
  const line = '{"id":0.1234567890123456789,"deep":"x"}\n';

  it("a rounded decimal is told at the end of a run, and is not rounded with --long-numbers text", async () => {
    await write("in.jsonl", line);
    const { code, stderr } = await parrot("text", "in.jsonl", ...TEXT, "-o", "out.jsonl");
    expect(code).toBe(0);
    expect(stderr).toMatch(ROUNDED);
    expect(await read("out.jsonl")).toContain('"id":0.12345678901234568,');
    const kept = await parrot("text", "in.jsonl", ...TEXT, "-o", "out.csv", "--long-numbers", "text");
    expect(kept.stderr).not.toContain("rounded");
    expect(await read("out.csv")).toBe("id,deep,output\n0.1234567890123456789,x,fine\n");
    expect(prompts).toEqual(["0.12345678901234568 x", "0.1234567890123456789 x"]);
  });

  it("a rounded decimal is told by explode and finetune", async () => {
    await write("in.jsonl", line);
    const finetune = ["finetune", "in.jsonl", "--prompt-column", "id", "--completion-column", "deep"];
    expect((await parrot(...finetune, "-o", "train.jsonl")).stderr).toMatch(ROUNDED);
    await write("list.jsonl", '{"n":0.1234567890123456789,"list":[1]}\n');
    const fromRow = await parrot("explode", "list.jsonl", "--column", "list", "-o", "row.jsonl");
    expect(fromRow.stderr).toMatch(ROUNDED);
    await write("list.csv", "list\n[0.1234567890123456789]\n");
    const fromCell = await parrot("explode", "list.csv", "--column", "list", "-o", "cell.jsonl");
    expect(fromCell.stderr).toMatch(/^1 cell has numbers with too many digits.*--long-numbers text/m);
  });
});
