import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { isRecord, parseJson, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource, parquetSource, type InputDigest } from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-parquet-"));
});
afterEach(() => rm(directory, { recursive: true }));

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

function fixture(name: string): string {
  return join(FIXTURES, name);
}

/** What pyarrow says of the cells: a list of pairs for each row. */
async function expectedRows(name: string): Promise<(readonly [string, unknown])[][]> {
  const text = await readFile(fixture(name), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => parseJson(line) as [string, unknown][]);
}

async function readAll(path: string): Promise<Row[]> {
  return Array.fromAsync(openSource(path));
}

/** A cell in the form in which pyarrow's are written down. */
function plain(cell: unknown): unknown {
  if (cell instanceof Uint8Array) return [...cell];
  if (Array.isArray(cell)) return cell.map((item) => plain(item));
  return cell;
}

/** Decimals are compared by their digits. */
function wanted(cell: unknown): unknown {
  if (!isRecord(cell) || typeof cell["decimal"] !== "string") return cell;
  const digits = cell["decimal"].replace(/\D/g, "").replace(/^0+/, "");
  return digits.length <= 15 ? Number(cell["decimal"]) : cell["decimal"];
}

describe("parquetSource", () => {
  it.each(["all-types.parquet", "all-types-pages.parquet"])(
    "parquetSource reads cells of every type as pyarrow does, in %s",
    async (name) => {
      const expected = await expectedRows("all-types.jsonl");
      const rows = await readAll(fixture(name));
      expect(rows).toHaveLength(expected.length);
      for (const [index, pairs] of expected.entries()) {
        const row = rows[index] ?? {};
        expect(Object.keys(row)).toHaveLength(pairs.length);
        for (const [column, cell] of pairs) {
          expect([column, plain(row[column])]).toEqual([column, wanted(cell)]);
        }
      }
    },
  );

  it.each(["gzip", "brotli", "lz4", "none"])(
    "parquetSource reads pages that are compressed with %s",
    async (codec) => {
      const expected = await readAll(fixture("all-types.parquet"));
      const rows = await readAll(fixture(`${codec}.parquet`));
      expect(rows).toEqual(
        expected.map(({ int32, text, list, null: empty }) => ({ int32, text, list, null: empty })),
      );
    },
  );

  it("parquetSource reads timestamps of 96 bits, as Spark writes them", async () => {
    const expected = await readAll(fixture("all-types.parquet"));
    const rows = await readAll(fixture("int96.parquet"));
    expect(rows.map((row) => row["timestamp us"])).toEqual(expected.map((row) => row["timestamp us"]));
  });

  it("parquetSource tells the columns and their types before any row is read, and loses no row", async () => {
    const source = parquetSource(fixture("all-types.parquet"));
    const types = await source.columnTypes();
    expect(await source.columns()).toEqual([...(types?.keys() ?? [])]);
    expect(types?.get("uint16")).toEqual({ type: "integer", bits: 16, signed: false });
    expect(types?.get("decimal30")).toEqual({ type: "decimal", precision: 30, scale: 2 });
    expect(types?.get("timestamp ns")).toEqual({ type: "timestamp", unit: "nanos", utc: false });
    expect(types?.get("timestamp tz")).toEqual({ type: "timestamp", unit: "micros", utc: true });
    expect(types?.get("category")).toEqual({ type: "text" });
    expect(types?.get("list")).toEqual({ type: "list", of: { type: "text" } });
    expect(await Array.fromAsync(source)).toHaveLength(9);
  });

  it("parquetSource gives long integers as text where they are wanted so", async () => {
    const [, row] = await Array.fromAsync(
      parquetSource(fixture("all-types.parquet"), { longNumbers: "text" }),
    );
    expect(row).toMatchObject({
      int64: "9223372036854775806",
      uint64: "18446744073709551614",
      int32: -2147483647,
    });
  });

  it("digests the whole file once all rows were read", async () => {
    const digests: InputDigest[] = [];
    const path = fixture("all-types.parquet");
    const source = parquetSource(new URL(`file://${path}`), { onDigest: (digest) => digests.push(digest) });
    expect(await Array.fromAsync(source)).toHaveLength(9);
    const sha256 = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    expect(digests).toEqual([{ bytes: (await stat(path)).size, sha256 }]);
  });
});

describe("a file that parquetSource cannot read", () => {
  async function copyOf(name: string, change: (bytes: Buffer<ArrayBuffer>) => Buffer): Promise<string> {
    const path = join(directory, "broken.parquet");
    await writeFile(path, change(await readFile(fixture(name))));
    return path;
  }

  const faults: readonly (readonly [string, string, (bytes: Buffer<ArrayBuffer>) => Buffer, string])[] = [
    ["an empty file", "EMPTY_INPUT", () => Buffer.alloc(0), "it is empty"],
    [
      "a CSV file",
      "INVALID_INPUT",
      () => Buffer.from("a,b\n1,2\n"),
      "it is not a Parquet file, which begins with PAR1",
    ],
    [
      "a file that is cut off",
      "INVALID_INPUT",
      (bytes) => bytes.subarray(0, bytes.length / 2),
      "it does not end as a Parquet file does; is it cut off?",
    ],
    [
      "an encrypted file",
      "INVALID_INPUT",
      (bytes) => Buffer.concat([Buffer.from("PARE"), bytes.subarray(4, -4), Buffer.from("PARE")]),
      "it is encrypted",
    ],
    [
      "a file whose footer is damaged",
      "INVALID_INPUT",
      (bytes) => Buffer.concat([bytes.subarray(0, -300), Buffer.alloc(292, 0xff), bytes.subarray(-8)]),
      "its footer is damaged",
    ],
    [
      "a file whose footer tells of more columns than it has",
      "INVALID_INPUT",
      (bytes) => {
        const root = Buffer.from("\x06schema\x15", "latin1");
        bytes[bytes.lastIndexOf(root) + root.length] = 0x7e;
        return bytes;
      },
      "its footer is damaged",
    ],
    [
      "a file whose footer is longer than the file",
      "INVALID_INPUT",
      (bytes) => Buffer.concat([bytes.subarray(0, -8), Buffer.from("ffffff7f", "hex"), bytes.subarray(-4)]),
      "its footer is damaged",
    ],
  ];

  it.each(faults)("parquetSource refuses %s before it gives a row", async (_, code, change, message) => {
    const path = await copyOf("gzip.parquet", change);
    const source = openSource(path);
    await expect(source.columns()).rejects.toMatchObject({
      code,
      file: path,
      message: expect.stringContaining(message),
    });
    await expect(Array.fromAsync(source)).rejects.toMatchObject({ code });
  });

  it("parquetSource refuses a page of 10 bytes that claims a milliard of values", async () => {
    const path = join(directory, "run.parquet");
    // One column of booleans, in which true comes 2^30 times as one run.
    const bytes =
      "UEFSMRUAFRQVFCwVgICAgAgVBhUGFQYAAAYAAACAgICACAEVAhksSARyb290FQIAFQAlABgEZmxhZwAWgICAgAgZHBkcJggcFQAZFQYZGARmbGFnFQAWgICAgAgWPhY+JggAABbIARaAgICACAAATAAAAFBBUjE=";
    await writeFile(path, Buffer.from(bytes, "base64"));
    await expect(readAll(path)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("a page or a row has 1073741824 values, more than 16777216"),
    });
  });

  it("parquetSource names the column and the row of damaged pages", async () => {
    const path = await copyOf("gzip.parquet", (bytes) => Buffer.from(bytes).fill(0x55, 30, 60));
    await expect(readAll(path)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      row: 0,
      message: expect.stringMatching(/column "int32" cannot be read from row 1 on .*is the file damaged\?$/),
    });
  });

  it("parquetSource says that a file was changed while it was read", async () => {
    const path = await copyOf("all-types.parquet", (bytes) => bytes);
    const source = openSource(path);
    const reader = source.getReader();
    expect((await reader.read()).done).toBe(false);
    await truncate(path, 100);
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("the file was changed while it was read"),
    });
  });

  it("parquetSource needs a file, and says so of a stream and of standard input", async () => {
    const bytes = Readable.from([await readFile(fixture("gzip.parquet"))]);
    for (const input of [bytes, "-"]) {
      await expect(Array.fromAsync(openSource(input, { format: "parquet" }))).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining("save it as a file and name that"),
      });
    }
  });

  it("parquetSource says of a name that ends in .parquet.gz that the file has to be unpacked", async () => {
    await expect(readAll("rows.parquet.gz")).rejects.toThrow(
      "cannot be read through gzip; unpack the file first",
    );
  });

  it("parquetSource tells a missing file and a directory apart", async () => {
    await expect(readAll("missing.parquet")).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
    await expect(Array.fromAsync(openSource(directory, { format: "parquet" }))).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
    });
  });

  it("parquetSource gives no more rows once its stream is cancelled", async () => {
    const source = openSource(fixture("all-types.parquet"));
    await source.columns();
    await source.cancel();
    expect(await source.getReader().read()).toEqual({ done: true, value: undefined });
  });
});
