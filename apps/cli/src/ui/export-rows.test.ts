import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_USAGE, type Row } from "@parallel-parrot/core";
import { openSource } from "@parallel-parrot/formats";
import { text } from "@parallel-parrot/parse";
import type { ExportedRow, ExportFormat } from "@parallel-parrot/ui";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportRows } from "./export-rows.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-export-"));
});
afterAll(() => rm(folder, { recursive: true }));

const FORMULA = '=HYPERLINK("http://evil.example")';
const known = { warnings: [], usage: NO_USAGE, attempts: 1, keys: [] };
const ROWS: readonly ExportedRow[] = [
  {
    ...known,
    index: 0,
    row: { id: 1, text: FORMULA, label: "of the input" },
    state: "answered",
    outputs: [[{ output: FORMULA }, { output: "second" }]],
    label: { verdict: "good", note: FORMULA },
  },
  {
    ...known,
    index: 1,
    row: { id: 2, text: "<script>\u202E\u001b[31m", label: "" },
    state: "failed",
    outputs: [],
    failure: { stage: "parse", code: "INVALID_OUTPUT", message: "no" },
  },
  {
    ...known,
    index: 2,
    row: { id: 3, text: "x".repeat(1_000_000), label: "" },
    state: "missing",
    outputs: [],
  },
];

const OPTIONS = {
  wanted: text(),
  onCollision: "suffix",
  columns: undefined,
  escapeFormulas: true,
} as const;

/** The rows of an export, as they are read back. */
async function readBack(format: ExportFormat, rows: readonly ExportedRow[]): Promise<readonly Row[]> {
  const chunks: Uint8Array[] = [];
  await exportRows(
    async function* () {
      yield* rows;
    },
    { format, options: OPTIONS },
    new WritableStream({ write: (chunk) => void chunks.push(chunk) }),
  );
  const path = join(folder, `${rows.length}.${format}`);
  await writeFile(path, Buffer.concat(chunks));
  return Array.fromAsync(openSource(path));
}

describe("exportRows", () => {
  it.each(["csv", "jsonl", "parquet"] as const)(
    "%s has the rows as the output of a run has them, why they failed, and labels beside a column of that name",
    async (format) => {
      const [answer, id] = format === "csv" ? [`'${FORMULA}`, String] : [FORMULA, Number];
      const empty = format === "csv" ? "" : null;
      const none = { output: empty, failure: empty, label_2: empty, note: empty };
      const said = { label_2: "good", note: answer };
      const [first, second, third] = ROWS.map(({ row }) => row);
      expect(await readBack(format, ROWS)).toEqual([
        { ...none, ...first, id: id(1), output: answer, ...said },
        { ...none, ...first, id: id(1), output: "second", ...said },
        { ...none, ...second, id: id(2), failure: "INVALID_OUTPUT: no" },
        { ...none, ...third, id: id(3) },
      ]);
    },
  );

  it("columns that no row has something in are left out", async () => {
    const [, , third] = ROWS;
    expect(await readBack("jsonl", third === undefined ? [] : [third])).toEqual([
      { ...third?.row, output: null },
    ]);
  });
});
