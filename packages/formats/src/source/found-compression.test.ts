import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bzip2File } from "../../fixtures/bzip2-files.ts";
import { csvSource, openSource } from "../index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-found-"));
});
afterEach(() => rm(folder, { recursive: true }));

const CSV = "a,b\n1,2\n";

async function inputFile(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe("the compression of a source", () => {
  it.each([
    ["in.csv", gzipSync(CSV), "gzip"],
    ["in.csv", zstdCompressSync(CSV), "zstd"],
    ["in.csv", bzip2File("a table"), "bzip2"],
    ["in.csv.gz", bzip2File("a table"), "bzip2"],
    ["in.csv.bz2", bzip2File("a table"), undefined],
    ["in.csv.bz2", gzipSync(CSV), "gzip"],
    ["in.csv.gz", zstdCompressSync(CSV), "zstd"],
    ["in.csv.zst", gzipSync(CSV), "gzip"],
    ["in.csv.gz", CSV, "none"],
    ["in.csv.gz", gzipSync(CSV), undefined],
    ["in.csv", CSV, undefined],
  ])(
    "%s is read as its first bytes say, which is noted where its name says otherwise",
    async (name, bytes, found) => {
      const source = openSource(await inputFile(name, bytes));
      expect(await readAll(source)).toEqual([{ a: "1", b: "2" }]);
      expect(source.notes).toEqual(
        found === undefined ? [] : [{ code: "COMPRESSION_FOUND", count: 1, first: found }],
      );
    },
  );

  it("a stream is decompressed byte by byte, and a short one ends", async () => {
    const single = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await readAll(csvSource(sourceOf(single(gzipSync(CSV)))))).toEqual([{ a: "1", b: "2" }]);
    expect(await readAll(csvSource(sourceOf(single(bzip2File("a table")))))).toEqual([{ a: "1", b: "2" }]);
    expect(await readAll(csvSource(sourceOf(single(Buffer.from("BZh9\nP\n")))))).toEqual([{ BZh9: "P" }]);
    expect(await readAll(csvSource(sourceOf(single(Buffer.from("BZ\nP\n")))))).toEqual([{ BZ: "P" }]);
  });

  it.each([
    ["zeros", Buffer.alloc(600), CSV],
    ["zeros and another member", Buffer.concat([Buffer.alloc(600), gzipSync("3,4\n")]), `${CSV}3,4\n`],
    ["another member", gzipSync("3,4\n"), `${CSV}3,4\n`],
  ])("gzip with %s behind its first member is read whole, however it is cut", async (_, behind, text) => {
    const bytes = Buffer.concat([gzipSync(CSV), behind]);
    const expected = await readAll(csvSource(sourceOf([text])));
    for (const size of [1, 37, 64, bytes.length]) {
      const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_each, at) => at * size);
      const chunks = starts.map((start) => bytes.subarray(start, start + size));
      expect(await readAll(csvSource(sourceOf(chunks)))).toEqual(expected);
    }
  });

  it.each([
    ["text", Buffer.from("3,4\n")],
    ["zeros and text", Buffer.concat([Buffer.alloc(9), Buffer.from("3,4\n")])],
    ["zstd", zstdCompressSync("3,4\n")],
  ])("gzip with %s behind it is refused, as rows would be missing", async (_, behind) => {
    const bytes = Buffer.concat([gzipSync(CSV), behind]);
    for (const chunks of [[bytes], [bytes.subarray(0, 30), bytes.subarray(30)]])
      await expect(readAll(csvSource(sourceOf(chunks)))).rejects.toThrow(/gzip data is damaged/);
  });

  it.each([
    [
      "an Excel workbook",
      Buffer.from("PK\u0003\u0004…"),
      /Excel workbook .* set the option format/,
      "format",
    ],
    ["an old Excel workbook", Buffer.from("d0cf11e0a1b11ae1", "hex"), /old Excel workbook/, undefined],
    ["Parquet", Buffer.from("PAR1\u0015"), /it is Parquet; set the option format: "parquet"/, "format"],
    ["a SQLite database", Buffer.from("SQLite format 3\0"), /SQLite/, "format"],
    ["a PDF", Buffer.from("%PDF-1.7"), /PDF/, undefined],
  ])("%s that is called CSV is told by its first bytes", async (_, bytes, message, option) => {
    const path = await inputFile("in.csv", bytes);
    await expect(readAll(openSource(path))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      file: path,
      option,
      message: expect.stringMatching(message),
    });
  });
});
