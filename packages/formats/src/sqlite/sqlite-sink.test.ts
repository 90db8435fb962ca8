import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSqlite, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  openSink,
  openSource,
  type ColumnTypes,
  type OpenSinkOptions,
  type RowSink,
  type UnwritableRow,
} from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-sqlite-test-"));
});
afterEach(() => rm(directory, { recursive: true }));

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** A path in this test's folder. */
function out(name = "out.db"): string {
  return join(directory, name);
}

async function write(rows: readonly Row[], options: OpenSinkOptions = {}): Promise<RowSink> {
  const sink = await openSink(out(), { overwrite: true, ...options });
  await ReadableStream.from(rows).pipeTo(sink);
  return sink;
}

async function readBack(): Promise<Row[]> {
  return Array.fromAsync(openSource(out()));
}

function textOf(cell: unknown): string | null {
  return typeof cell === "bigint" ? String(cell) : null;
}

/** What SQLite itself says. */
function ask(query: string): unknown {
  const { DatabaseSync: Database } = loadSqlite();
  const database = new Database(out(), { readOnly: true });
  try {
    return database.prepare(query).get();
  } finally {
    database.close();
  }
}

describe("sqliteSink", () => {
  it.each(["python.db", "all-types.parquet", "openpyxl.xlsx"])(
    "sqliteSink keeps the cells of %s, and its types where SQLite has them, in the same bytes each time",
    async (name) => {
      const source = openSource(fixture(name));
      const columnTypes: ColumnTypes = (await source.columnTypes()) ?? new Map();
      const kept = new Map(
        [...columnTypes].filter(
          ([column, { type }]) => !["list", "struct", "map"].includes(type) && column !== "mixed",
        ),
      );
      const all = await Array.fromAsync(source);
      const rows = all.map((row) =>
        Object.fromEntries([...kept.keys()].map((column) => [column, row[column]])),
      );
      await write(rows, { columnTypes: kept });
      // SQLite has no integers beyond 2^63.
      const expected = rows.map((row) => ("uint64" in row ? { ...row, uint64: textOf(row["uint64"]) } : row));
      expect(await readBack()).toEqual(expected);
      expect(ask("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" });
      const bytes = await readFile(out());
      await write(rows, { columnTypes: kept });
      expect(await readFile(out())).toEqual(bytes);
    },
  );

  it("sqliteSink declares columns by their types and calls the table as it is told", async () => {
    const columnTypes: ColumnTypes = new Map<
      string,
      ColumnTypes extends ReadonlyMap<string, infer T> ? T : never
    >([
      ["id", { type: "integer", bits: 64, signed: true }],
      ["code", { type: "text" }],
      ["at", { type: "timestamp", unit: "micros", utc: true }],
      ["price", { type: "decimal", precision: 9, scale: 2 }],
      ["exact", { type: "decimal", precision: 30, scale: 2 }],
      ["tags", { type: "list", of: { type: "text" } }],
    ]);
    const row = {
      id: 1,
      code: "007",
      at: "2026-11-30T12:00:00Z",
      price: 1.5,
      exact: "12345678901234567890.10",
      tags: ["a"],
    };
    await write([row], { columnTypes, table: 'my "table"' });
    expect(ask("SELECT sql FROM sqlite_schema")).toEqual({
      sql: 'CREATE TABLE "my ""table""" ("id" INTEGER, "code" TEXT, "at" TIMESTAMP, "price" DECIMAL(9, 2), "exact" TEXT, "tags" TEXT)',
    });
    expect(await readBack()).toEqual([{ ...row, tags: '["a"]' }]);
  });

  it("sqliteSink fails the row alone whose cell its column's type cannot hold", async () => {
    const failed: UnwritableRow[] = [];
    const columnTypes: ColumnTypes = new Map([["a", { type: "integer", bits: 64, signed: true }]]);
    await write([{ a: 1 }, { a: 1.5 }, { a: "x" }, { a: 2n ** 63n }, { a: null }], {
      columnTypes,
      onUnwritable: (row) => void failed.push(row),
    });
    expect(failed.map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(String(failed[0]?.error)).toContain('column "a" cannot be written as SQLite');
    expect(await readBack()).toEqual([{ a: 1 }, { a: null }]);
  });

  it("sqliteSink refuses columns that SQLite takes for the same, or has too many of, before the first row", async () => {
    await expect(openSink(out(), { columns: ["Name", "name"] })).rejects.toMatchObject({
      option: "columns",
      message: expect.stringContaining('it takes the columns "Name" and "name" for the same'),
    });
    const columns = Array.from({ length: 2001 }, (_, index) => `c${index}`);
    await expect(openSink(out(), { columns })).rejects.toThrow("at most 2000 columns");
    await expect(openSink(out(), { table: "sqlite_x" })).rejects.toMatchObject({ option: "table" });
    expect(await readdir(directory)).toEqual([]);
  });

  it("sqliteSink adds nothing to a database that exists", async () => {
    await writeFile(out(), "what was there");
    await expect(openSink(out())).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    expect(await readFile(out(), "utf8")).toBe("what was there");
  });

  it("an SQLite output that is aborted is a whole database with the rows so far", async () => {
    const sink = await openSink(out(), { partial: out("part.db") });
    const writer = sink.getWriter();
    for (const id of [1, 2, 3]) await writer.write({ id });
    await writer.abort(new Error("enough"));
    expect(await readdir(directory)).toEqual(["part.db"]);
    expect(await Array.fromAsync(openSource(out("part.db")))).toEqual([
      { id: "1" },
      { id: "2" },
      { id: "3" },
    ]);
  });

  it("an SQLite output that ends with a row that cannot be written has the rows before it", async () => {
    const sink = await openSink(out(), { partial: out("part.db") });
    const writer = sink.getWriter();
    writer.closed.catch(() => undefined);
    await writer.write({ id: 1 });
    await expect(writer.write({ other: 1 })).rejects.toThrow("the first row is in");
    expect(await Array.fromAsync(openSource(out("part.db")))).toEqual([{ id: "1" }]);
  });

  it("sqliteSink leaves nothing in the folder for temporary files", async () => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = directory;
    try {
      const sink = await openSink(out());
      expect(await readdir(directory)).toHaveLength(1);
      await sink.abort(new Error("enough"));
      expect(await readdir(directory)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });

  it("sqliteSink writes a table without rows, with the columns that it has", async () => {
    await write([], { columns: ["a", "b"] });
    const source = openSource(out());
    expect([await source.columns(), await Array.fromAsync(source)]).toEqual([["a", "b"], []]);
  });
});
