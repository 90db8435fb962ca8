import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson, type Row } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  openSink,
  openSource,
  type ColumnType,
  type ColumnTypes,
  type OpenSinkOptions,
  type RowSink,
  type UnwritableRow,
} from "../index.ts";
import { XlsxEncoder } from "./write/xlsx-encoder.ts";
import { noChanges } from "../sink/cell-changes.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-xlsx-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function write(rows: readonly Row[], options: OpenSinkOptions = {}): Promise<RowSink> {
  const sink = await openSink(out(), { overwrite: true, ...options });
  await ReadableStream.from(rows).pipeTo(sink);
  return sink;
}

/** A path in this test's folder. */
function out(name = "out.xlsx"): string {
  return join(directory, name);
}

async function readBack(): Promise<Row[]> {
  return Array.fromAsync(openSource(out()));
}

function columnOf(type: ColumnType): ColumnTypes {
  return new Map([["a", type]]);
}

const [TEXT, INTEGER, TIMESTAMP]: readonly ColumnType[] = [
  { type: "text" },
  { type: "integer", bits: 64, signed: true },
  { type: "timestamp", unit: "nanos", utc: false },
];

describe("xlsxSink", () => {
  it.each(["openpyxl.xlsx", "xlsxwriter.xlsx", "pandas.xlsx"])(
    "xlsxSink keeps the cells and types of %s, of which it makes the same bytes each time",
    async (name) => {
      const path = fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
      const source = openSource(path);
      const columnTypes = (await source.columnTypes()) ?? new Map();
      const rows = await Array.fromAsync(source);
      await write(rows, { columnTypes });
      const copy = openSource(out());
      expect(await copy.columnTypes()).toEqual(columnTypes);
      expect(await Array.fromAsync(copy)).toEqual(rows);
      const bytes = await readFile(out());
      await write(rows, { columnTypes });
      expect(await readFile(out())).toEqual(bytes);
    },
  );

  it.each<readonly [string, ColumnType | undefined, unknown, unknown]>([
    ["a long integer", INTEGER, 9_007_199_254_740_993n, "9007199254740993"],
    ["an integer of 16 digits", INTEGER, 1_234_567_890_123_456, "1234567890123456"],
    [
      "a number with more digits than Excel keeps",
      INTEGER,
      parseJson("1.23456789012345678901", { numbers: "written" }),
      "1.23456789012345678901",
    ],
    [
      "a point in time",
      { type: "timestamp", unit: "millis", utc: true },
      "2026-11-30T12:00:00Z",
      "2026-11-30T12:00:00Z",
    ],
    [
      "a time that is finer than a millisecond",
      TIMESTAMP,
      "2026-11-30T12:00:00.123456",
      "2026-11-30T12:00:00.123456",
    ],
    ["a day before those of Excel", { type: "date" }, "1899-12-31", "1899-12-31"],
    ["an identifier with zeros", INTEGER, "007", "007"],
    ["a list", undefined, [1, "b"], '[1,"b"]'],
    ["no number", { type: "float", bits: 64 }, Number.NaN, "NaN"],
  ])("xlsxSink writes as text what Excel would change: %s", async (_, type, cell, text) => {
    await write([{ a: cell }], { columnTypes: columnOf(type ?? TEXT ?? { type: "text" }) });
    expect(await readBack()).toEqual([{ a: text }]);
  });

  it("xlsxSink counts the numbers that it writes as text, and keeps numbers of columns with cells of several kinds", async () => {
    const { changes } = await write([{ a: 2n ** 60n }, { a: 5 }, { a: "x" }, { a: true }, { a: 1e300 }]);
    expect(changes.textNumbers).toBe(1);
    expect(await readBack()).toEqual([
      { a: String(2n ** 60n) },
      { a: 5 },
      { a: "x" },
      { a: true },
      { a: 1e300 },
    ]);
  });

  it("xlsxSink writes what looks like a formula as text, in a cell that has none", async () => {
    const texts = ["=1+1", "+SUM(A1)", "@x", "=cmd|' /C calc'!A0", "-2+3"];
    const encoder = new XlsxEncoder({ sheet: "rows", columns: ["a"], columnTypes: new Map() }, noChanges());
    for (const [index, a] of texts.entries()) encoder.encode({ a }, index);
    await write(texts.map((a) => ({ a })));
    expect(await readBack()).toEqual(texts.map((a) => ({ a })));
    const { notes } = openSource(out());
    expect(notes).toEqual([]);
  });

  it("xlsxSink brings any text back as it was", async () => {
    const text = fc.string({ unit: "binary" }).map((each) => each.toWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          text.filter((each) => each !== ""),
          { minLength: 1, maxLength: 20 },
        ),
        async (texts) => {
          await write(texts.map((a) => ({ a })));
          expect(await readBack()).toEqual(texts.map((a) => ({ a })));
        },
      ),
      { numRuns: 30, examples: [[["_x0041_", " a ", "\r\n\t", "\u0000\uFFFF", "]]>&amp;", "_x_x0041_"]]] },
    );
  });

  it("xlsxSink fails the row alone whose cell is longer than Excel's, and cuts nothing off", async () => {
    const failed: UnwritableRow[] = [];
    const rows = [{ a: "x".repeat(32_767) }, { a: "x".repeat(32_768) }, { a: "b" }];
    await write(rows, { onUnwritable: (row) => void failed.push(row) });
    expect(await readBack()).toEqual([rows[0], rows[2]]);
    expect(String(failed[0]?.error)).toContain(
      "it has 32768 characters, and a cell of Excel has at most 32767",
    );
  });

  it("xlsxSink refuses more columns than a sheet has before the first row, and a name that no sheet can have", async () => {
    const columns = Array.from({ length: 16_385 }, (_, index) => `c${index}`);
    await expect(openSink(out(), { columns })).rejects.toThrow("a sheet has at most 16384");
    await expect(openSink(out(), { sheet: "a/b" })).rejects.toMatchObject({ option: "sheet" });
    await expect(openSink(out("out.xlsm"))).rejects.toThrow(".xlsm is for workbooks with macros");
    await expect(openSink(out("out.xlsx.gz"), { format: "xlsx" })).rejects.toThrow("ends in .xlsx");
    expect(await readdir(directory)).toEqual([]);
  });

  it("xlsxSink ends at the last row of a sheet, and says in which file the rows before it are", () => {
    const encoder = new XlsxEncoder({ sheet: "rows", columns: [], columnTypes: new Map() }, noChanges());
    const rows = 1_048_575;
    for (let index = 0; index < rows; index += 1) encoder.encode({}, index);
    expect(() => encoder.encode({}, rows)).toThrow("a sheet has at most 1048576 rows with its header");
  });

  it("an Excel output that is aborted is a whole file with the rows so far", async () => {
    const sink = await openSink(out(), { partial: out("part.xlsx") });
    const writer = sink.getWriter();
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, text: "some text".repeat(20) }));
    for (const row of rows) await writer.write(row);
    await writer.abort(new Error("enough"));
    expect(await readdir(directory)).toEqual(["part.xlsx"]);
    expect(await Array.fromAsync(openSource(out("part.xlsx")))).toEqual(rows);
  });

  it("an Excel output of which a late piece cannot be written ends after the last row that could", () => {
    const encoder = new XlsxEncoder({ sheet: "rows", columns: ["a"], columnTypes: new Map() }, noChanges());
    const pieces: Uint8Array[] = [];
    let rows = 0;
    while (pieces.length < 2) {
      const piece = encoder.encode({ a: "x".repeat(1000) }, rows);
      rows += 1;
      if (piece.length > 0) pieces.push(piece);
    }
    encoder.encode({ a: "y" }, rows);
    const lost = encoder.rest();
    expect(lost.length).toBeGreaterThan(0);
    const end = encoder.end(rows);
    expect(
      Buffer.concat([...pieces, end])
        .subarray(-22, -18)
        .toString("hex"),
    ).toBe("504b0506");
  });

  it("xlsxSink writes a header alone for no rows, and names the sheet", async () => {
    await write([], { columns: ["a", "b"], sheet: "Größe & <Co>" });
    const source = openSource(out(), { sheet: "Größe & <Co>" });
    expect([await source.columns(), await Array.fromAsync(source)]).toEqual([["a", "b"], []]);
  });

  it("xlsxSink needs to know a column before the first row", async () => {
    await expect(write([{ a: 1 }, { b: 1 }])).rejects.toMatchObject({ column: "b", option: "columns" });
    expect(await readdir(directory)).toEqual([]);
  });
});
