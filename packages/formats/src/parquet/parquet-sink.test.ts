import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
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
  type UnwritableRow,
} from "../index.ts";
import { anyTable } from "../../fixtures/any-table.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-parquet-"));
});
afterEach(() => rm(directory, { recursive: true }));

const FIXTURE = fileURLToPath(new URL("../../fixtures/all-types.parquet", import.meta.url));

async function write(path: string, rows: readonly Row[], options: OpenSinkOptions = {}): Promise<void> {
  await ReadableStream.from(rows).pipeTo(await openSink(path, { overwrite: true, ...options }));
}

function columnOf(type: ColumnType): ColumnTypes {
  return new Map([["a", type]]);
}

/** A path in this test's folder. */
function out(name = "out.parquet"): string {
  return join(directory, name);
}

describe("parquetSink", () => {
  it("parquetSink keeps the types and cells of a file of pyarrow with columns of every type", async () => {
    const source = openSource(FIXTURE);
    const columnTypes = (await source.columnTypes()) ?? new Map();
    await source.pipeTo(await openSink(out(), { columnTypes }));
    const copy = openSource(out());
    expect(await copy.columnTypes()).toEqual(columnTypes);
    expect(await Array.fromAsync(copy)).toEqual(await Array.fromAsync(openSource(FIXTURE)));
  });

  it("parquetSink writes the columns in order, as text where they have no type, with nulls for cells that a row lacks", async () => {
    await write(out(), [{ b: 1, "2020": [1, { x: 2n }] }, { a: true }], { columns: ["a", "2020", "b"] });
    const source = openSource(out());
    expect([...((await source.columnTypes()) ?? [])]).toEqual([
      ["a", { type: "text" }],
      ["2020", { type: "text" }],
      ["b", { type: "text" }],
    ]);
    expect(await Array.fromAsync(source)).toEqual([
      { a: null, "2020": '[1,{"x":2}]', b: "1" },
      { a: "true", "2020": null, b: null },
    ]);
  });

  it("parquetSink writes an input without rows as columns without rows", async () => {
    await write(out(), [], { columnTypes: columnOf({ type: "date" }), columns: ["b"] });
    const source = openSource(out());
    expect(await source.columns()).toEqual(["b", "a"]);
    expect(await Array.fromAsync(source)).toEqual([]);
  });

  it("parquetSink writes several row groups that are read back as they were, and the same bytes for the same rows", async () => {
    const rows = Array.from({ length: 45_000 }, (_, index) => ({
      a: index,
      b: `row ${index}`,
      c: [`${index % 7}`],
    }));
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([
      ["a", { type: "integer", bits: 64, signed: true }],
      ["b", { type: "text" }],
      ["c", { type: "list", of: { type: "text" } }],
    ]);
    await write(out(), rows, { columnTypes });
    await write(out("again.parquet"), rows, { columnTypes, partial: out("partial.parquet") });
    expect(await readFile(out())).toEqual(await readFile(out("again.parquet")));
    expect(await Array.fromAsync(openSource(out()))).toEqual(rows);
  });

  it("parquetSink takes 5,000 columns", async () => {
    const row = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`c${index}`, index]));
    const types = Object.keys(row).map((column) => [column, { type: "float", bits: 64 }] as const);
    await write(out(), [row], { columnTypes: new Map(types) });
    expect(await Array.fromAsync(openSource(out()))).toEqual([row]);
  });

  it("parquetSink names a column that comes too late", async () => {
    await expect(write(out(), [{ a: 1 }, { b: 1 }])).rejects.toMatchObject({
      code: "INVALID_OPTION",
      column: "b",
      row: 1,
      option: "columns",
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it.each<readonly [ColumnType, unknown, string]>([
    [{ type: "integer", bits: 8, signed: true }, 128, "integer of 8 bits, and 128 is none"],
    [{ type: "integer", bits: 64, signed: true }, 1.5, "integer of 64 bits, and 1.5 is none"],
    [{ type: "integer", bits: 64, signed: false }, -1n, "unsigned integer of 64 bits, and -1 is none"],
    [{ type: "decimal", precision: 4, scale: 2 }, "1.234", 'and the text "1.234" is none'],
    [
      { type: "decimal", precision: 4, scale: 2 },
      100,
      "decimal of 4 digits, 2 after the point, and 100 is none",
    ],
    [{ type: "boolean" }, "true", "boolean, and the text"],
    [{ type: "date" }, "2026-02-30", "date, and the text"],
    [{ type: "date" }, "2147483648", "date, and the text"],
    [{ type: "date" }, new Date("2026-01-01T12:00:00Z"), "date, and 2026-01-01T12:00:00.000Z is none"],
    [{ type: "time", unit: "millis", utc: false }, "2147483648", "time, and the text"],
    [{ type: "timestamp", unit: "millis", utc: true }, "2026-01-01T00:00:00.000001Z", "timestamp, and"],
    [{ type: "float", bits: 64 }, 2n ** 60n + 1n, "float, and"],
    [{ type: "list", of: { type: "boolean" } }, [1], "boolean, and 1 is none"],
    [{ type: "struct", fields: columnOf({ type: "text" }) }, { b: 1 }, 'has no member "b"'],
  ])(
    "parquetSink tells of a cell that %j cannot hold, and writes the rows around it",
    async (type, cell, message) => {
      const told: UnwritableRow[] = [];
      await write(out(), [{ a: null }, { a: cell }, { a: null }], {
        columnTypes: columnOf(type),
        onUnwritable: (row) => void told.push(row),
      });
      expect(told).toHaveLength(1);
      expect(told[0]?.index).toBe(1);
      expect(String(told[0]?.error)).toContain(message);
      expect(await Array.fromAsync(openSource(out()))).toEqual([{ a: null }, { a: null }]);
    },
  );

  it("what was rounded in JSON is counted when Parquet is read, and kept as text where that is wanted", async () => {
    const written = '{"a":0.12345678901234567891,"b":12345678901234567890}';
    const cell = parseJson(written, { numbers: "written" });
    await write(out(), [{ a: cell }, { a: cell }], { columnTypes: columnOf({ type: "json" }) });
    const source = openSource(out());
    const [row] = await Array.fromAsync(source);
    expect(row).toEqual({ a: { a: 0.12345678901234568, b: 12345678901234567890n } });
    expect(source.notes).toEqual([{ code: "ROUNDED_NUMBER", count: 2, first: "0.12345678901234567891" }]);
    const texts = openSource(out(), { longNumbers: "text" });
    const [asText] = await Array.fromAsync(texts);
    expect(asText).toEqual({ a: { a: "0.12345678901234567891", b: "12345678901234567890" } });
    expect(texts.notes).toEqual([]);
  });

  it("parquetSink names the column and row of a cell that does not fit where nothing else is done about it", async () => {
    await expect(
      write(out(), [{ a: "x" }], { columnTypes: columnOf({ type: "boolean" }) }),
    ).rejects.toMatchObject({
      code: "INVALID_INPUT",
      column: "a",
      row: 0,
      message: expect.stringContaining('Cannot write column "a" of row 1 as Parquet: '),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it("parquetSink takes dates as JavaScript has them, and numbers as they were written", async () => {
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([
      ["at", { type: "timestamp", unit: "micros", utc: true }],
      ["n", { type: "decimal", precision: 20, scale: 2 }],
    ]);
    await write(
      out(),
      [
        { at: new Date(5), n: "12345678901234567.25" },
        { at: "2026-01-01T01:00:00+01:00", n: 1.5 },
      ],
      {
        columnTypes,
      },
    );
    expect(await Array.fromAsync(openSource(out()))).toEqual([
      { at: "1970-01-01T00:00:00.005Z", n: "12345678901234567.25" },
      { at: "2026-01-01T00:00:00Z", n: 1.5 },
    ]);
  });

  it("parquetSink leaves nothing behind when it is aborted, and the whole rows of a partial file", async () => {
    const hidden = await openSink(out());
    const writer = hidden.getWriter();
    await writer.write({ a: 1 });
    await writer.abort(new Error("stop"));
    expect(await readdir(directory)).toEqual([]);
    const followed = (await openSink(out(), { partial: out("partial.parquet") })).getWriter();
    await followed.write({ a: 1 });
    await followed.write({ a: 2 });
    await followed.abort(new Error("stop"));
    expect(await readdir(directory)).toEqual(["partial.parquet"]);
    expect(await Array.fromAsync(openSource(out("partial.parquet")))).toEqual([{ a: "1" }, { a: "2" }]);
  });

  it("parquetSink ends a partial file as a whole one after the rows before one that cannot be written", async () => {
    const rows = [...Array.from({ length: 25_000 }, (_, index) => ({ a: index })), { a: "x" }];
    const columnTypes = columnOf({ type: "integer", bits: 32, signed: true });
    const partial = out("partial.parquet");
    await expect(write(out(), rows, { columnTypes, partial })).rejects.toThrow(
      `the first 25000 rows are in ${partial}`,
    );
    expect(await Array.fromAsync(openSource(partial))).toHaveLength(25_000);
  });

  it("parquetSink refuses a name that asks for compression around it", async () => {
    await expect(openSink(out("out.parquet.gz"))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "compression",
    });
  });

  it("parquetSink writes to a stream of bytes what it writes to a file", async () => {
    const chunks: Uint8Array[] = [];
    const target = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
    await ReadableStream.from([{ a: 1 }]).pipeTo(await openSink(target, { format: "parquet" }));
    await write(out(), [{ a: 1 }]);
    expect(Buffer.concat(chunks)).toEqual(await readFile(out()));
    expect((await stat(out())).size).toBeGreaterThan(12);
  });
});

describe("rows of any types", () => {
  it("rows of any types come back from a Parquet file as they were, and so do the types", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ columnTypes, rows }) => {
        await write(out(), rows, { columnTypes });
        const source = openSource(out());
        expect(await source.columnTypes()).toEqual(columnTypes);
        expect(await Array.fromAsync(source)).toEqual(rows);
      }),
      { numRuns: 150 },
    );
  });
});
