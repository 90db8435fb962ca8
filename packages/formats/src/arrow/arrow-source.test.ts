import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isParrotError, isRecord, parseJson, type Row } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { arrowSource, openSource, type InputDigest } from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-arrow-"));
});
afterEach(() => rm(directory, { recursive: true }));

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** What pyarrow says of the cells: a list of pairs for each row. */
async function expectedRows(name: string): Promise<(readonly [string, unknown])[][]> {
  const lines = (await readFile(fixture(name), "utf8")).trimEnd().split("\n");
  return lines.map((line) => parseJson(line) as [string, unknown][]);
}

async function readAll(path: string): Promise<Row[]> {
  return Array.fromAsync(openSource(path));
}

/** A cell in the form in which pyarrow's are written down. */
function plain(cell: unknown): unknown {
  if (cell instanceof Uint8Array) return [...cell];
  return Array.isArray(cell) ? cell.map((item) => plain(item)) : cell;
}

/** Decimals are compared by their digits. */
function wanted(cell: unknown): unknown {
  if (!isRecord(cell) || typeof cell["decimal"] !== "string") return cell;
  const digits = cell["decimal"].replace(/\D/g, "").replace(/^0+/, "");
  return digits.length <= 15 ? Number(cell["decimal"]) : cell["decimal"];
}

async function writeInput(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

describe("arrowSource", () => {
  it.each([
    ["arrow-types.arrow", "arrow-types.jsonl"],
    ["arrow-types.arrows", "arrow-types.jsonl"],
    ["legacy.arrows", "arrow-types.jsonl"],
    ["lz4.feather", "all-types.jsonl"],
  ])("arrowSource reads cells of every type as pyarrow does, in %s", async (name, cells) => {
    const expected = await expectedRows(cells);
    const rows = await readAll(fixture(name));
    expect(rows).toHaveLength(expected.length);
    for (const [index, pairs] of expected.entries()) {
      const row = rows[index] ?? {};
      expect(Object.keys(row)).toHaveLength(pairs.length);
      for (const [column, cell] of pairs)
        expect([column, plain(row[column])]).toEqual([column, wanted(cell)]);
    }
  });

  it("arrowSource reads a file of polars, whose first message has no length", async () => {
    const expected = await readAll(fixture("all-types.parquet"));
    expect(await readAll(fixture("polars.arrow"))).toEqual(
      expected.map(({ int32, text, list, null: empty }) => ({ int32, text, list, null: empty })),
    );
  });

  it.each(["arrow-types.arrow", "arrow-types.arrows", "legacy.arrows"])(
    "arrowSource reads %s from its beginning on, as it comes by standard input, in chunks of any length",
    async (name) => {
      const chunks = createReadStream(fixture(name), { highWaterMark: 777 });
      expect(await Array.fromAsync(openSource(chunks, { format: "arrow" }))).toEqual(
        await readAll(fixture(name)),
      );
    },
  );

  it("arrowSource tells the columns and their types before any row is read, and loses no row", async () => {
    const source = arrowSource(fixture("arrow-types.arrow"));
    const types = await source.columnTypes();
    expect(await source.columns()).toEqual([...(types?.keys() ?? [])]);
    expect(types?.get("uint16")).toEqual({ type: "integer", bits: 16, signed: false });
    expect(types?.get("decimal30")).toEqual({ type: "decimal", precision: 30, scale: 2 });
    expect(types?.get("timestamp s")).toEqual({ type: "timestamp", unit: "seconds", utc: false });
    expect(types?.get("timestamp zone")).toEqual({
      type: "timestamp",
      unit: "nanos",
      utc: true,
      zone: "Europe/Berlin",
    });
    expect(types?.get("category")).toEqual({ type: "text" });
    expect(types?.get("two items")).toEqual({
      type: "list",
      of: { type: "integer", bits: 16, signed: true },
    });
    expect(types?.get("duration")).toEqual({ type: "text" });
    expect(await Array.fromAsync(source)).toHaveLength(9);
  });

  it("arrowSource gives long integers as text where they are wanted so", async () => {
    const [, row] = await Array.fromAsync(arrowSource(fixture("arrow-types.arrow"), { longNumbers: "text" }));
    expect(row).toMatchObject({
      int64: "9223372036854775806",
      uint64: "18446744073709551614",
      int32: -2147483647,
    });
  });

  it.each(["arrow-types.arrow", "arrow-types.arrows"])(
    "arrowSource digests all bytes of %s",
    async (name) => {
      const digests: InputDigest[] = [];
      const path = fixture(name);
      await Array.fromAsync(
        arrowSource(new URL(`file://${path}`), { onDigest: (digest) => digests.push(digest) }),
      );
      const sha256 = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
      expect(digests).toEqual([{ bytes: (await stat(path)).size, sha256 }]);
    },
  );

  it("arrowSource reads a stream that is closed without its end being told", async () => {
    const bytes = await readFile(fixture("arrow-types.arrows"));
    const path = await writeInput("open.arrows", bytes.subarray(0, -8));
    expect(await readAll(path)).toHaveLength(9);
  });
});

describe("a file that arrowSource cannot read", () => {
  it.each<readonly [string, string | Uint8Array, string, RegExp]>([
    ["is empty", "", "EMPTY_INPUT", /empty/],
    [
      "is CSV",
      "id,text\n1,a\n",
      "INVALID_INPUT",
      /neither a file nor a stream of Arrow; set the option format to what it is/,
    ],
    ["is JSON", '{"id":1}\n', "INVALID_INPUT", /neither a file nor a stream of Arrow/],
    ["is short", "a", "INVALID_INPUT", /neither a file nor a stream of Arrow/],
    ["is gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4), "INVALID_INPUT", /neither a file nor a stream/],
    ["is Parquet", "PAR1PAR1PAR1", "INVALID_INPUT", /neither a file nor a stream of Arrow/],
    [
      "is Feather of version 1",
      "FEA1    FEA1",
      "INVALID_INPUT",
      /Feather version 1; write it anew with version 2/,
    ],
    ["is only the mark of Arrow", "ARROW1\0\0", "INVALID_INPUT", /cut off\?/],
  ])("arrowSource says so where a file %s", async (_what, content, code, message) => {
    const path = await writeInput("in.arrow", content);
    await expect(readAll(path)).rejects.toMatchObject({
      code,
      file: path,
      message: expect.stringMatching(message),
    });
  });

  it("arrowSource finds a file that is cut off before its first row", async () => {
    const path = join(directory, "in.arrow");
    await copyFile(fixture("arrow-types.arrow"), path);
    await truncate(path, (await stat(path)).size - 1);
    const source = openSource(path);
    await expect(source.columns()).rejects.toThrow("it ends where more was told; is it cut off?");
  });

  it("arrowSource finds a stream that is cut off when it comes there, after the rows before", async () => {
    const bytes = await readFile(fixture("arrow-types.arrows"));
    const path = await writeInput("in.arrows", bytes.subarray(0, -100));
    const rows: Row[] = [];
    const reading = (async () => {
      for await (const row of openSource(path)) rows.push(row);
    })();
    await expect(reading).rejects.toThrow("it ends after row 5 where more was told; is it cut off?");
    expect(rows).toHaveLength(5);
  });

  it("arrowSource says how a file of polars has to come that is given as a stream", async () => {
    const chunks = createReadStream(fixture("polars.arrow"));
    await expect(Array.fromAsync(openSource(chunks, { format: "arrow" }))).rejects.toThrow(
      /save it as a file/,
    );
  });

  it("arrowSource refuses a stream behind another, whose rows it would lose", async () => {
    const bytes = await readFile(fixture("arrow-types.arrows"));
    const path = await writeInput("two.arrows", Buffer.concat([bytes, bytes]));
    await expect(readAll(path)).rejects.toThrow(/something follows the end of the stream/);
  });

  it("arrowSource refuses a compressed file", async () => {
    await expect(readAll(await writeInput("in.arrow.gz", ""))).rejects.toThrow(
      /unpack the file first|known extensions/,
    );
    const bytes = createReadStream(fixture("arrow-types.arrows"));
    await expect(
      Array.fromAsync(openSource(bytes, { format: "arrow", compression: "gzip" })),
    ).rejects.toThrow(/Arrow cannot be read through gzip/);
  });

  it("arrowSource finds a file that was changed while it was read", async () => {
    const path = join(directory, "in.arrow");
    await copyFile(fixture("arrow-types.arrow"), path);
    const source = openSource(path);
    await source.columns();
    await utimes(path, 1, 1);
    await expect(Array.fromAsync(source)).rejects.toThrow(/changed while it was read/);
  });

  it("arrowSource reads a file with wrong bytes in it, or says that it is damaged, and nothing else", async () => {
    const names = ["arrow-types.arrow", "arrow-types.arrows", "lz4.feather"];
    const files = await Promise.all(names.map((name) => readFile(fixture(name))));
    const places = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), places, async (file, changes) => {
        const bytes = Uint8Array.from(file);
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        const path = await writeInput("in.arrow", bytes);
        const error: unknown = await readAll(path).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error === undefined || (isParrotError(error) && error.file === path)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
