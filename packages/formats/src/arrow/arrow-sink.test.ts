import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "@parallel-parrot/core";
import * as arrow from "apache-arrow";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyTable } from "../../fixtures/any-table.ts";
import {
  openSink,
  openSource,
  type ColumnType,
  type ColumnTypes,
  type OpenSinkOptions,
  type UnwritableRow,
} from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-arrow-"));
});
afterEach(() => rm(directory, { recursive: true }));

const FIXTURE = fileURLToPath(new URL("../../fixtures/arrow-types.arrow", import.meta.url));

async function write(path: string, rows: readonly Row[], options: OpenSinkOptions = {}): Promise<void> {
  await ReadableStream.from(rows).pipeTo(await openSink(path, { overwrite: true, ...options }));
}

/** A path in this test's folder. */
function out(name = "out.arrow"): string {
  return join(directory, name);
}

describe("arrowSink", () => {
  it.each(["out.arrow", "out.arrows", "out.feather", "out.parquet"])(
    "openSink keeps the types and cells of a file of pyarrow with columns of every type, in %s",
    async (name) => {
      const source = openSource(FIXTURE);
      const columnTypes = (await source.columnTypes()) ?? new Map();
      await source.pipeTo(await openSink(out(name), { columnTypes }));
      const copy = openSource(out(name));
      const types = (await copy.columnTypes()) ?? new Map<string, ColumnType>();
      // Parquet has neither seconds nor zones.
      const lost = name.endsWith(".parquet") ? ["time s", "timestamp s", "timestamp zone"] : [];
      const kept = (all: ColumnTypes): unknown => [...all].filter(([column]) => !lost.includes(column));
      expect(kept(types)).toEqual(kept(columnTypes));
      expect(await Array.fromAsync(copy)).toEqual(await Array.fromAsync(openSource(FIXTURE)));
    },
  );

  it("arrowSink keeps the types of Parquet, among them UUIDs and JSON", async () => {
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([
      ["id", { type: "uuid" }],
      ["json", { type: "json" }],
      ["map", { type: "map", keys: { type: "date" }, values: { type: "float", bits: 16 } }],
    ]);
    const rows = [
      { id: "01234567-89ab-cdef-0123-456789abcdef", json: { a: [1] }, map: [["2026-11-30", -0.5]] },
      { id: null, json: null, map: [] },
    ];
    await write(out("out.parquet"), rows, { columnTypes });
    const source = openSource(out("out.parquet"));
    await write(out(), await Array.fromAsync(source), { columnTypes });
    const copy = openSource(out());
    expect([...((await copy.columnTypes()) ?? [])]).toEqual([...columnTypes]);
    expect(await Array.fromAsync(copy)).toEqual(rows);
  });

  it.each(["out.arrow", "out.arrows"])("arrowSink writes what apache-arrow reads, in %s", async (name) => {
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([
      ["n", { type: "integer", bits: 32, signed: true }],
      ["text", { type: "text" }],
      ["list", { type: "list", of: { type: "text" } }],
    ]);
    const rows = [
      { n: 1, text: "ä", list: ["a", null] },
      { n: null, text: null, list: null },
    ];
    await write(out(name), rows, { columnTypes });
    const table = arrow.tableFromIPC(await readFile(out(name)));
    expect(table.schema.fields.map(({ name: column, type }) => `${column}: ${String(type)}`)).toEqual([
      "n: Int32",
      "text: Utf8",
      "list: List<Utf8>",
    ]);
    expect(table.toArray().map((row) => JSON.parse(JSON.stringify(row)) as unknown)).toEqual(rows);
  });

  it("arrowSink writes an input without rows as columns without rows", async () => {
    for (const name of ["out.arrow", "out.arrows"]) {
      await write(out(name), [], { columnTypes: new Map([["a", { type: "date" }]]), columns: ["b"] });
      const source = openSource(out(name));
      expect(await source.columns()).toEqual(["b", "a"]);
      expect(await Array.fromAsync(source)).toEqual([]);
      expect(arrow.tableFromIPC(await readFile(out(name))).schema.names).toEqual(["b", "a"]);
    }
  });

  it("arrowSink writes several record batches that are read back as they were, and the same bytes for the same rows", async () => {
    const rows = Array.from({ length: 45_000 }, (_, index) => ({ a: index, b: `row ${index}` }));
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([
      ["a", { type: "integer", bits: 64, signed: true }],
      ["b", { type: "text" }],
    ]);
    await write(out(), rows, { columnTypes });
    await write(out("again.arrow"), rows, { columnTypes, partial: out("partial.arrow") });
    expect(await readFile(out())).toEqual(await readFile(out("again.arrow")));
    expect(await Array.fromAsync(openSource(out()))).toEqual(rows);
    expect(arrow.tableFromIPC(await readFile(out())).batches).toHaveLength(3);
  });

  it("arrowSink gives a stream the form without a footer", async () => {
    const chunks: Uint8Array[] = [];
    const target = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
    await ReadableStream.from([{ a: "x" }]).pipeTo(await openSink(target, { format: "arrow" }));
    const bytes = Buffer.concat(chunks);
    expect(bytes.readInt32LE()).toBe(-1);
    expect(arrow.tableFromIPC(bytes).numRows).toBe(1);
  });

  it("arrowSink ends a partial file after the rows of an aborted stream, as a whole file", async () => {
    const partial = out("partial.arrow");
    const writer = (await openSink(out(), { partial })).getWriter();
    await writer.write({ a: "x" });
    await writer.abort(new Error("stopped"));
    expect(await Array.fromAsync(openSource(partial))).toEqual([{ a: "x" }]);
    expect(await readdir(directory)).toEqual(["partial.arrow"]);
  });

  it("arrowSink tells of a cell that its column's type cannot hold, and writes the others", async () => {
    const told: UnwritableRow[] = [];
    const columnTypes: ColumnTypes = new Map([["a", { type: "integer", bits: 8, signed: true }]]);
    const onUnwritable = (unwritable: UnwritableRow): void => void told.push(unwritable);
    await write(out(), [{ a: 1 }, { a: 1.5 }, { a: 127 }], { columnTypes, onUnwritable });
    expect(await Array.fromAsync(openSource(out()))).toEqual([{ a: 1 }, { a: 127 }]);
    expect(told).toMatchObject([
      { index: 1, error: { message: expect.stringContaining('its column "a" cannot be written as Arrow') } },
    ]);
  });

  it("arrowSink refuses to compress a file as a whole", async () => {
    await expect(openSink(out(), { compression: "gzip" })).rejects.toThrow(/programs read Arrow as it is/);
  });
});

describe("rows of any types", () => {
  it("rows of any types come back from Arrow as they were, and so do the types", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTable,
        fc.constantFrom("out.arrow", "out.arrows"),
        async ({ columnTypes, rows }, name) => {
          await write(out(name), rows, { columnTypes });
          const source = openSource(out(name));
          expect(await source.columnTypes()).toEqual(columnTypes);
          expect(await Array.fromAsync(source)).toEqual(rows);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});
