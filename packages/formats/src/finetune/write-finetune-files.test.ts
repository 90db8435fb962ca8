import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { template } from "@parallel-parrot/template";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  csvSource,
  jsonlSource,
  writeFinetuneFiles,
  type FinetuneOptions,
  type SkipReason,
} from "../index.ts";
import { loadTokenCounter } from "./token-counter.ts";

let directory: string;
let output: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-finetune-"));
  output = join(directory, "train.jsonl");
});
afterEach(() => rm(directory, { recursive: true }));

const columns = { prompt: "question", completion: "answer" };
// Each has 3 + (3 + 1 + 1) + (3 + 1 + 1) = 13 tokens.
const ROWS = ["one", "two", "three", "four", "five"].map((word) => ({ question: word, answer: word }));

function circle(): unknown {
  const cell: Row = {};
  cell["self"] = cell;
  return cell;
}

describe("writeFinetuneFiles", () => {
  it("writeFinetuneFiles writes one file of chats when there is no limit", async () => {
    const report = await writeFinetuneFiles(ROWS, { ...columns, output, system: "count" });
    expect(report).toEqual({
      files: [{ path: output, examples: 5, tokens: 5 * 18 }],
      skippedCount: 0,
      skippedByReason: {},
      skipped: [],
      removed: [],
      validation: undefined,
      problems: [
        expect.stringMatching(
          /^openai takes no training file of fewer than 10 examples, and .*train\.jsonl has 5$/,
        ),
      ],
      mendedCount: 0,
    });
    const [first] = (await readFile(output, "utf8")).split("\n");
    expect(first).toBe(
      '{"messages":[{"role":"system","content":"count"},{"role":"user","content":"one"},' +
        '{"role":"assistant","content":"one"}]}',
    );
    expect(await readdir(directory)).toEqual(["train.jsonl"]);
  });

  it("writeFinetuneFiles splits into numbered files, each as full as the limit allows", async () => {
    const report = await writeFinetuneFiles(ROWS, { ...columns, output, maxTokensPerFile: 26 });
    const paths = ["0001", "0002", "0003"].map((number) => join(directory, `train.${number}.jsonl`));
    expect(report.files).toEqual([
      { path: paths[0], examples: 2, tokens: 26 },
      { path: paths[1], examples: 2, tokens: 26 },
      { path: paths[2], examples: 1, tokens: 13 },
    ]);
    const rows = await Promise.all(paths.map((path) => readAll(jsonlSource(path))));
    expect(rows.map((file) => file.length)).toEqual([2, 2, 1]);
    expect(rows.flat()).toEqual(
      ROWS.map(({ question, answer }) => ({
        messages: [
          { role: "user", content: question },
          { role: "assistant", content: answer },
        ],
      })),
    );
  });

  it("writeFinetuneFiles removes no file of the same name with a number that no set could have", async () => {
    const others = ["train.2024.jsonl", "train.20261130.jsonl", "train.0003.jsonl"];
    for (const name of others) await writeFile(join(directory, name), "mine\n");
    await mkdir(join(directory, "train.0002.jsonl"));
    await writeFile(join(directory, "train.0001.jsonl"), "");
    const { removed } = await writeFinetuneFiles(ROWS, { ...columns, output, overwrite: true });
    expect(removed).toEqual([join(directory, "train.0001.jsonl")]);
    for (const name of others) expect(await readFile(join(directory, name), "utf8")).toBe("mine\n");
  });

  it("writeFinetuneFiles removes the files of an earlier set that the new one does not have, and tells them", async () => {
    const options = { ...columns, output, maxTokensPerFile: 26, overwrite: true };
    expect((await writeFinetuneFiles(ROWS, options)).removed).toEqual([]);
    const { files, removed } = await writeFinetuneFiles(ROWS.slice(0, 1), options);
    const numbered = (number: number): string => join(directory, `train.000${number}.jsonl`);
    expect(files.map(({ path }) => path)).toEqual([numbered(1)]);
    expect(removed).toEqual([numbered(2), numbered(3)]);
    expect(await readdir(directory)).toEqual(["train.0001.jsonl"]);
    // A set of one file takes the place of one that was split, and the other way round.
    expect((await writeFinetuneFiles(ROWS, { ...columns, output, overwrite: true })).removed).toEqual([
      numbered(1),
    ]);
    expect(await readdir(directory)).toEqual(["train.jsonl"]);
    await writeFile(join(directory, "train.12.jsonl"), "mine");
    expect((await writeFinetuneFiles(ROWS, options)).removed).toEqual([output]);
    expect(await readdir(directory)).toContain("train.12.jsonl");
  });

  it("writeFinetuneFiles refuses to write beside a set of the same name, however that was split", async () => {
    await writeFile(join(directory, "train.0007.jsonl"), "{}\n");
    await expect(writeFinetuneFiles(ROWS, { ...columns, output })).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      file: join(directory, "train.0007.jsonl"),
    });
    expect(await readdir(directory)).toEqual(["train.0007.jsonl"]);
  });

  it.each([
    ["out.jsonl", {}, "out.jsonl"],
    ["out.jsonl", {}, "link.jsonl"],
    ["out.0003.jsonl", { maxTokensPerFile: 26 }, "out.jsonl"],
  ])("writeFinetuneFiles refuses to write to its own input: %s with %j", async (input, limit, name) => {
    const file = join(directory, input);
    const text = '{"question":"one","answer":"two"}\n';
    await writeFile(file, text);
    await symlink(file, join(directory, "link.jsonl"));
    const written = writeFinetuneFiles(jsonlSource(file), {
      ...columns,
      ...limit,
      output: join(directory, name),
      overwrite: true,
    });
    await expect(written).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "output",
      message: expect.stringMatching(/it is the input .*; give the output another name/),
    });
    expect(await readFile(file, "utf8")).toBe(text);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("writeFinetuneFiles numbers its files before the extensions", async () => {
    const { files } = await writeFinetuneFiles(ROWS, {
      ...columns,
      output: join(directory, "v1.2.jsonl.gz"),
      maxTokensPerFile: 1000,
    });
    expect(files.map(({ path }) => path)).toEqual([join(directory, "v1.2.0001.jsonl.gz")]);
    expect(await readAll(jsonlSource(files[0]?.path ?? ""))).toHaveLength(5);
  });

  it("writeFinetuneFiles leaves out and reports examples that are too long, or longer than a file may be", async () => {
    const long = { question: "one two three four five", answer: "one" };
    for (const limits of [{ maxTokensPerExample: 13 }, { maxTokensPerFile: 13 }]) {
      const report = await writeFinetuneFiles([ROWS[0] ?? {}, long, ROWS[1] ?? {}], {
        ...columns,
        ...limits,
        output,
        overwrite: true,
      });
      expect(report.skipped).toEqual([
        { row: 1, reason: "TOO_LONG", message: "it has 17 tokens, and at most 13 are allowed" },
      ]);
      expect(report.files.reduce((sum, file) => sum + file.examples, 0)).toBe(2);
    }
  });

  it.each<[cell: unknown, text: string]>([
    [1_234_567_890_123_456_789n, "1234567890123456789"],
    [{ ids: [2n ** 64n] }, '{"ids":[18446744073709551616]}'],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new URL("https://a.b/"), "https://a.b/"],
  ])("writeFinetuneFiles writes the cell %o as %s", async (cell, text) => {
    await writeFinetuneFiles([{ question: cell, answer: cell }], { ...columns, output });
    const content = text;
    expect(await readAll(jsonlSource(output))).toEqual([
      {
        messages: [
          { role: "user", content },
          { role: "assistant", content },
        ],
      },
    ]);
  });

  it("writeFinetuneFiles takes a source, and renders cells that are not text as JSON", async () => {
    const source = csvSource(sourceOf(["question,answer\nx,y\n"]));
    await writeFinetuneFiles(source, { ...columns, output });
    await writeFinetuneFiles([{ question: { a: 1 }, answer: 42 }], { ...columns, output, overwrite: true });
    expect(await readAll(jsonlSource(output))).toMatchObject([
      { messages: [{ content: '{"a":1}' }, { content: "42" }] },
    ]);
  });

  it("writeFinetuneFiles writes no file for no examples", async () => {
    expect(await writeFinetuneFiles([], { ...columns, output })).toMatchObject({
      files: [],
      skippedCount: 0,
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it.each<[what: string, row: Row, reason: SkipReason, message: string]>([
    ["a row without the column", { question: "x", reply: "y" }, "EMPTY_CELL", 'it has no column "answer"'],
    ["an empty cell", { question: "x", answer: " \n" }, "EMPTY_CELL", 'its column "answer" is empty'],
    ["a null", { question: null, answer: "y" }, "EMPTY_CELL", 'its column "question" is empty'],
    [
      "what has no text",
      { question: "x", answer: circle() },
      "EMPTY_CELL",
      'its column "answer" cannot be written as text',
    ],
    [
      "a value that the system message lacks",
      { question: "x", answer: "y", persona: null },
      "MISSING_VALUE",
      'Cannot render the template of row 2: "persona" is null',
    ],
  ])("writeFinetuneFiles leaves out and reports %s", async (_, row, reason, message) => {
    const good = { question: "one", answer: "one", persona: "a poet" };
    const report = await writeFinetuneFiles([good, row, good], { ...columns, output, system: "$persona" });
    expect(report).toMatchObject({
      files: [{ examples: 2 }],
      skippedCount: 1,
      skippedByReason: { [reason]: 1 },
      skipped: [{ row: 1, reason, message }],
    });
  });

  it("writeFinetuneFiles reports the lines of the first hundred rows left out, and counts all of them", async () => {
    const rows = Array.from({ length: 150 }, (_, row) => (row % 50 === 0 ? "a,b" : "a,"));
    const source = csvSource(sourceOf([`question,answer\n\n"several\nlines",\n${rows.join("\n")}`]));
    const report = await writeFinetuneFiles(source, { ...columns, output });
    expect(report).toMatchObject({
      files: [{ examples: 3 }],
      skippedCount: 148,
      skippedByReason: { EMPTY_CELL: 148 },
    });
    expect(report.skipped).toHaveLength(100);
    expect(report.skipped.slice(0, 2)).toMatchObject([
      { row: 0, line: 3 },
      { row: 2, line: 6 },
    ]);
  });

  it.each<[what: string, system: FinetuneOptions["system"], contents: (string | undefined)[]]>([
    ["a template", "You are $persona, for $$5", ["You are kind, for $5", "You are ${wise}, for $5"]],
    ["a parsed template", template`You are ${"persona"}`, ["You are kind", "You are ${wise}"]],
    ["a function", ({ persona }, index) => `${String(persona)} ${index}`, ["kind 0", "${wise} 1"]],
    ["nothing where it renders to nothing", "${style:-}", [undefined, undefined]],
  ])("writeFinetuneFiles takes %s over the row as system message", async (_, system, contents) => {
    const rows = ["kind", "${wise}"].map((persona) => ({ question: "a", answer: "b", persona }));
    await writeFinetuneFiles(rows, { ...columns, output, ...(system !== undefined && { system }) });
    const examples = await readAll(jsonlSource(output));
    expect(examples).toEqual(
      contents.map((content) => ({
        messages: [
          ...(content === undefined ? [] : [{ role: "system", content }]),
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
        ],
      })),
    );
  });

  it("writeFinetuneFiles writes whole characters only, and counts the examples that had half of one", async () => {
    const rows = [{ question: "a\uD83D", answer: "b" }, ROWS[0] ?? {}, { question: "a", answer: "\uDE00b" }];
    expect(await writeFinetuneFiles(rows, { ...columns, output })).toMatchObject({ mendedCount: 2 });
    expect(await readFile(output, "utf8")).not.toMatch(/\\ud[89a-f]/);
  });

  it.each<[options: Partial<FinetuneOptions>, code: string, message: string]>([
    [{ prompt: "qestion" }, "MISSING_COLUMN", 'no column "qestion" (did you mean "question"?)'],
    [{ completion: "anwser" }, "MISSING_COLUMN", 'no column "anwser" (did you mean "answer"?)'],
    [{ system: "$persna" }, "MISSING_COLUMN", 'no column "persna" (did you mean "persona"?)'],
    [{ system: "costs $5" }, "INVALID_TEMPLATE", 'Cannot parse system: stray "$" at line 1, column 7'],
  ])("writeFinetuneFiles refuses %j at the first row, and leaves no file", async (options, code, message) => {
    const rows = [{ question: "a", answer: "b", persona: "c" }];
    await expect(writeFinetuneFiles(rows, { ...columns, output, ...options })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it("writeFinetuneFiles does not look at the first row where checkFirstRow is off", async () => {
    const rows = [{ question: "x" }, ...ROWS];
    const report = await writeFinetuneFiles(rows, { ...columns, output, checkFirstRow: false });
    expect(report).toMatchObject({ files: [{ examples: 5 }], skippedByReason: { EMPTY_CELL: 1 } });
  });

  it("writeFinetuneFiles leaves no file when its source fails", async () => {
    async function* rows() {
      yield* ROWS;
      throw new Error("broken off");
    }
    await expect(writeFinetuneFiles(rows(), { ...columns, output, maxTokensPerFile: 13 })).rejects.toThrow(
      "broken off",
    );
    expect(await readdir(directory)).toEqual([]);
  });

  it("writeFinetuneFiles shows all files or none", async () => {
    const second = join(directory, "train.0002.jsonl");
    await writeFile(second, "old");
    await expect(
      writeFinetuneFiles(ROWS, { ...columns, output, maxTokensPerFile: 26 }),
    ).rejects.toMatchObject({ code: "OUTPUT_EXISTS", file: second });
    expect(await readdir(directory)).toEqual(["train.0002.jsonl"]);
  });

  it("writeFinetuneFiles takes back the files that have their names when a later one is taken meanwhile", async () => {
    const second = join(directory, "train.0002.jsonl");
    async function* rows() {
      yield* ROWS;
      await writeFile(second, "of another process");
    }
    await expect(
      writeFinetuneFiles(rows(), { ...columns, output, maxTokensPerFile: 26 }),
    ).rejects.toMatchObject({ code: "OUTPUT_EXISTS", file: second });
    const names = await readdir(directory);
    expect(names.filter((name) => !name.startsWith("."))).toEqual(["train.0002.jsonl"]);
    expect(await readFile(second, "utf8")).toBe("of another process");
  });

  it("writeFinetuneFiles refuses outputs and limits that make no sense", async () => {
    for (const [options, option] of [
      [{ output: "-" }, "output"],
      [{ output: "train.csv" }, "output"],
      [{ maxTokensPerFile: 0 }, "maxTokensPerFile"],
      [{ maxTokensPerExample: Number.NaN }, "maxTokensPerExample"],
    ] as const) {
      await expect(writeFinetuneFiles(ROWS, { ...columns, output, ...options })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        option,
      });
    }
  });
});

describe("loadTokenCounter", () => {
  it("loadTokenCounter counts by the model's encoding, that of newer models where it is unknown", async () => {
    const text = "Grüß Gott, schöne Welt! 你好，世界";
    const [unknown, newer, older, tuned] = await Promise.all(
      [undefined, "gpt-4o", "gpt-4", "ft:gpt-4:me::abc"].map((model) => loadTokenCounter(model)),
    );
    expect(unknown?.(text)).toBe(newer?.(text));
    expect(older?.(text)).toBeGreaterThan(newer?.(text) ?? 0);
    expect(tuned?.(text)).toBe(older?.(text));
  });

  it("loadTokenCounter takes special tokens as text", async () => {
    expect((await loadTokenCounter())("<|endoftext|>")).toBeGreaterThan(1);
  });

  it("loadTokenCounter counts a long run of letters in pieces", async () => {
    const count = await loadTokenCounter();
    // Eight letters a token; a cut costs one token at most.
    expect(count("a".repeat(512_000))).toBeGreaterThanOrEqual(64_000);
    expect(count("a".repeat(512_000))).toBeLessThanOrEqual(65_000);
  });
});
