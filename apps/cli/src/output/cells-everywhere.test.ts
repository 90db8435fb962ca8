import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_USAGE, parseJson, type Row } from "@parallel-parrot/core";
import { csvSink, jsonlSink, jsonSink, tsvSink, writeFinetuneFiles } from "@parallel-parrot/formats";
import { compilePrompt, RenderError } from "@parallel-parrot/template";
import { dedupe } from "@parallel-parrot/tidy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failedRows } from "../failed/failed-rows.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-cells-"));
});
afterEach(() => rm(directory, { recursive: true }));

interface Expected {
  /** In prompts and CSV; `undefined` for a cell without a text. */
  readonly text: string | undefined;
  /** In JSON and JSON Lines; `undefined` for a cell that is left out. */
  readonly json: string | undefined;
  /** Whether another cell made in the same way is a duplicate. @default true */
  readonly hasDuplicates?: boolean;
  /** In a file, where UTF-8 cannot hold the text. @default the text */
  readonly written?: string;
}

class Point {
  readonly x = 1;
}

const CELLS: readonly (readonly [name: string, make: () => unknown, expected: Expected])[] = [
  ["a text", () => "a", { text: "a", json: '"a"' }],
  ["an emoji", () => "😀", { text: "😀", json: '"😀"' }],
  [
    "half a surrogate pair",
    () => "a\uD83D",
    { text: "a\uD83D", json: String.raw`"a\ud83d"`, written: "a\uFFFD" },
  ],
  ["a number", () => 1.5, { text: "1.5", json: "1.5" }],
  ["a large number", () => 1e21, { text: "1e+21", json: "1e+21" }],
  ["negative zero", () => -0, { text: "0", json: "0" }],
  ["NaN", () => Number.NaN, { text: "NaN", json: "null" }],
  ["Infinity", () => Infinity, { text: "Infinity", json: "null" }],
  ["-Infinity", () => -Infinity, { text: "-Infinity", json: "null" }],
  ["a bigint", () => 2n ** 64n, { text: "18446744073709551616", json: "18446744073709551616" }],
  [
    "a number kept as it was written",
    () => parseJson("1.10", { numbers: "written" }),
    { text: "1.10", json: "1.10" },
  ],
  ["a boolean", () => false, { text: "false", json: "false" }],
  ["null", () => null, { text: undefined, json: "null" }],
  ["undefined", () => undefined, { text: undefined, json: undefined }],
  ["a function", () => () => 1, { text: undefined, json: undefined, hasDuplicates: false }],
  ["a symbol", () => Symbol("a"), { text: undefined, json: undefined }],
  ["a date", () => new Date(0), { text: "1970-01-01T00:00:00.000Z", json: '"1970-01-01T00:00:00.000Z"' }],
  ["a date without a value", () => new Date(Number.NaN), { text: undefined, json: "null" }],
  ["a URL", () => new URL("https://a.b/"), { text: "https://a.b/", json: '"https://a.b/"' }],
  ["what has a toJSON", () => ({ toJSON: () => ({ b: 1n }) }), { text: '{"b":1}', json: '{"b":1}' }],
  ["what says null", () => ({ toJSON: () => null }), { text: undefined, json: "null" }],
  [
    "a list",
    () => ["a", 2n ** 64n, undefined, Number.NaN],
    { text: '["a",18446744073709551616,null,null]', json: '["a",18446744073709551616,null,null]' },
  ],
  [
    "a nested object",
    () => ({ b: { c: [1] }, a: undefined }),
    { text: '{"b":{"c":[1]}}', json: '{"b":{"c":[1]}}' },
  ],
  ["a map", () => new Map([["a", 1]]), { text: '{"a":1}', json: '{"a":1}' }],
  ["a map with other keys than texts", () => new Map([[1, "a"]]), { text: '[[1,"a"]]', json: '[[1,"a"]]' }],
  ["a set", () => new Set([1]), { text: "[1]", json: "[1]" }],
  ["a typed array", () => new Float64Array([1.5]), { text: "[1.5]", json: "[1.5]" }],
  ["an empty typed array", () => new Uint8Array(), { text: "[]", json: "[]" }],
  ["a typed array of bigints", () => new BigInt64Array([-1n]), { text: "[-1]", json: "[-1]" }],
  ["an instance of a class", () => new Point(), { text: '{"x":1}', json: '{"x":1}', hasDuplicates: false }],
];

/** What a sink makes of one row, as text. */
async function written(
  name: string,
  write: (path: string) => WritableStream<Row>,
  row: Row,
): Promise<string> {
  const path = join(directory, name);
  const writer = write(path).getWriter();
  await writer.write(row);
  await writer.close();
  return readFile(path, "utf8");
}

/** A message's text; `undefined` where the row has no prompt. */
function contentOr(render: () => string | undefined): string | undefined {
  try {
    return render();
  } catch (error) {
    if (error instanceof RenderError) return undefined;
    throw error;
  }
}

/** A text as the second cell of a table's row. */
function inTable(text: string, delimiter: string): string {
  return text.includes(delimiter) || text.includes('"')
    ? `a${delimiter}"${text.replaceAll('"', '""')}"`
    : `a${delimiter}${text}`;
}

describe.each(CELLS)(
  "%s in a cell",
  (kind, make, { text, json, hasDuplicates = true, written: file = text }) => {
    const row = (): Row => ({ id: "a", cell: make() });
    const member = json === undefined ? "" : `,"cell":${json}`;

    it(`a cell with ${kind} has its text in a prompt, or none`, () => {
      const prompt = compilePrompt("${cell}");
      expect(contentOr(() => prompt.render(row(), 0).prompt.messages[0]?.content)).toBe(text?.toWellFormed());
    });

    it(`a cell with ${kind} has its text in CSV and TSV`, async () => {
      const dialect = { escapeFormulas: false };
      const csv = await written("a.csv", (path) => csvSink(path, dialect), row());
      expect(csv).toBe(`id,cell\n${inTable(file ?? "", ",")}\n`);
      const tsv = await written("a.tsv", (path) => tsvSink(path, dialect), row());
      expect(tsv).toBe(`id\tcell\n${inTable(file ?? "", "\t")}\n`);
    });

    it(`a cell with ${kind} has its JSON in JSON and JSON Lines, in any order of columns`, async () => {
      const line = `{"id":"a"${member}}`;
      expect(await written("a.jsonl", (path) => jsonlSink(path), row())).toBe(`${line}\n`);
      expect(await written("a.json", (path) => jsonSink(path), row())).toBe(`[\n${line}\n]\n`);
      const columns = ["id", "cell"];
      const turned = { cell: make(), id: "a" };
      expect(await written("b.jsonl", (path) => jsonlSink(path, { columns }), turned)).toBe(`${line}\n`);
    });

    it(`a cell with ${kind} is found as a duplicate, or is the same as itself alone`, () => {
      expect([...dedupe([row(), row()])]).toHaveLength(hasDuplicates ? 1 : 2);
      const one = row();
      expect([...dedupe([one, { ...one }])]).toHaveLength(1);
    });

    it(`a cell with ${kind} has its text in a training file, where it has any`, async () => {
      const output = join(directory, "train.jsonl");
      const report = await writeFinetuneFiles([row()], { prompt: "id", completion: "cell", output });
      const [line = ""] = report.files.length === 0 ? [] : (await readFile(output, "utf8")).split("\n");
      const messages = [
        { role: "user", content: "a" },
        { role: "assistant", content: text?.toWellFormed() },
      ];
      expect(line).toBe(text === undefined ? "" : JSON.stringify({ messages }));
      expect(report.skippedByReason).toEqual(text === undefined ? { EMPTY_CELL: 1 } : {});
    });

    it(`a cell with ${kind} is in a list of failed rows as in any other file`, async () => {
      for (const name of ["failed.jsonl", "failed.csv"]) {
        const list = failedRows(join(directory, name), { columns: ["id", "cell"] });
        const failure = {
          code: "REFUSED",
          stage: "parse",
          message: "no",
          attempts: 1,
          usage: NO_USAGE,
        } as const;
        await list.add({ index: 0, row: row(), failure });
        await list.close();
      }
      expect(await readFile(join(directory, "failed.jsonl"), "utf8")).toContain(
        `"input":{"id":"a"${member}}`,
      );
      expect(await readFile(join(directory, "failed.csv"), "utf8")).toContain(
        `\n${inTable(file ?? "", ",")}`,
      );
    });
  },
);
