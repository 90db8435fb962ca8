import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { array, assert, asyncProperty, nat } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bzip2File } from "../../fixtures/bzip2-files.ts";
import { csvSource, openSource, type Format, type RowSource } from "../index.ts";

type TextFormat = Extract<Format, "csv" | "tsv" | "jsonl" | "json">;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-source-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function inputFile(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

const FORMATS: readonly TextFormat[] = ["csv", "tsv", "jsonl", "json"];

/** Texts with everything that a cut could go wrong in. */
const TEXTS: Record<TextFormat, string> = {
  csv: '\uFEFFnäme,"b ""€"""\r\n1,"x,\r\n""🦜"""\n\n2,é\r\n',
  tsv: '\uFEFFnäme\tb\r\n1\t"x\t\r\n""🦜"""\n\n2\té\r\n',
  jsonl: '\uFEFF{"näme":"🦜\\u00e9\\n"}\r\n\n {"b":"€ \\ud83e\\udd9c"}',
  json: '\uFEFF [ {"näme":"🦜\\"}\\\\", "n":[1,{}]},\r\n{"b":"€"} ]\n',
};

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

/** All rows, and the error they end in if there is one. */
async function outcomeOf(source: RowSource): Promise<{ rows: Row[]; error?: unknown }> {
  const rows: Row[] = [];
  try {
    for await (const row of source) rows.push(row);
  } catch (error) {
    return { rows, error };
  }
  return { rows };
}

describe("any source", () => {
  it.each(FORMATS)("a source gives the same rows of %s however its bytes are cut", async (format) => {
    const bytes = Buffer.from(TEXTS[format]);
    const whole = await readAll(openSource(sourceOf([bytes]), { format }));
    expect(whole).toHaveLength(2);
    const cuts = array(nat(bytes.length), { maxLength: 12 });
    await assert(
      asyncProperty(cuts, async (at) => {
        expect(await readAll(openSource(sourceOf(cutAt(bytes, at)), { format }))).toEqual(whole);
      }),
    );
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await readAll(openSource(sourceOf(single), { format }))).toEqual(whole);
  });

  it.each(FORMATS)("a source gives the same rows of %s however its text is cut", async (format) => {
    const units = Array.from({ length: TEXTS[format].length }, (_, at) => TEXTS[format].charAt(at));
    expect(await readAll(openSource(sourceOf(units), { format }))).toEqual(
      await readAll(openSource(sourceOf([TEXTS[format]]), { format })),
    );
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const)("a source reads %s of several members however it is cut", async (compression, compress) => {
    const bytes = Buffer.concat([compress('{"a":1}\n{"a"'), compress(":2}\n"), compress('{"a":3}')]);
    const cuts = array(nat(bytes.length), { maxLength: 6 });
    await assert(
      asyncProperty(cuts, async (at) => {
        const source = openSource(sourceOf(cutAt(bytes, at)), { format: "jsonl", compression });
        expect(await readAll(source)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
      }),
    );
  });

  it.each([
    ["csv", "a,b\n1,2\n3,4,5\n"],
    ["csv", 'a,b\n1,2\n"3\n4'],
    ["csv", "a,b\n1,2\n3,long\xff\n"],
    ["jsonl", '{"a":1}\n{"a":}\n'],
    ["jsonl", '{"a":1}\n{"a":"\xe2\x82"}\n'],
    ["json", '[{"a":1},\n{"a":}]'],
    ["json", '[{"a":1},\n{"a":"\xf0\x9f"'],
  ] as const)("a source fails the same way however %s is cut: %j", async (format, text) => {
    const bytes = Buffer.from(text, "latin1");
    const whole = await outcomeOf(openSource(sourceOf([bytes]), { format }));
    expect(whole).toMatchObject({ rows: [{}], error: { code: "INVALID_INPUT" } });
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await outcomeOf(openSource(sourceOf(single), { format }))).toEqual(whole);
  });

  it.each([
    ["csv", "a,b\nx,y\n1,\xff\n", 3, 10],
    ["csv", "a,b\nx,y\n1,\xe9t\xe9\n", 3, 10],
    ["jsonl", '{"a":"\xef\xbf\xbd"}\n{"a":"\xc3"}\n', 2, 18],
    ["jsonl", '{"a":"\xf0\x9f\xa6', 1, 6],
    ["json", '[\n{"a":"\xed\xa0\x80"}]', 2, 8],
    ["tsv", "\xffa\0", 1, 0],
  ] as const)("a source refuses %s that is not UTF-8: %j", async (format, text, line, offset) => {
    const path = await inputFile(`x.${format}`, Buffer.from(text, "latin1"));
    await expect(readAll(openSource(path))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      file: path,
      line,
      message: expect.stringContaining(`${path}, line ${line}: invalid UTF-8 at byte offset ${offset}`),
    });
  });

  it("a source refuses text with a lone surrogate", async () => {
    for (const chunks of [["a\n\ud83e", "x\n"], ["a\n\udd9c"], ["a\n\ud83e"]]) {
      await expect(readAll(csvSource(sourceOf(chunks)))).rejects.toMatchObject({ code: "INVALID_INPUT" });
    }
  });

  it.each(FORMATS)("a source says that a %s file without anything in it is empty", async (format) => {
    for (const text of ["", "\uFEFF", "\n \n"]) {
      if (format.endsWith("sv") && text.includes(" ")) continue;
      const path = await inputFile(`empty.${format}`, text);
      const error = { code: "EMPTY_INPUT", file: path, message: `Cannot read ${path}: it is empty` };
      await expect(readAll(openSource(path))).rejects.toMatchObject(error);
      await expect(openSource(path).columns()).rejects.toMatchObject(error);
    }
  });

  it("a source says that a compressed file without anything in it is empty", async () => {
    for (const [name, bytes] of [
      ["a.csv.gz", ""],
      ["b.csv.gz", gzipSync("")],
      ["c.csv.zst", zstdCompressSync("")],
      ["d.csv.bz2", ""],
      ["e.csv.bz2", bzip2File("nothing")],
    ] as const) {
      const path = await inputFile(name, bytes);
      await expect(readAll(openSource(path))).rejects.toMatchObject({ code: "EMPTY_INPUT", file: path });
    }
  });

  it.each([
    ["bad.jsonl.gz", Buffer.of(0x1f, 0, 1, 2)],
    ["bad.jsonl.zst", Buffer.of(0, 0xb5, 0x2f, 0xfd, 1)],
    ["cut.jsonl.gz", gzipSync('{"a":1}\n'.repeat(1000)).subarray(0, 40)],
    ["cut.jsonl.zst", zstdCompressSync('{"a":1}\n'.repeat(1000)).subarray(0, 20)],
    ["tail.jsonl.gz", Buffer.concat([gzipSync('{"a":1}\n'), Buffer.from("tail")])],
    ["bad.csv.bz2", Buffer.from("BZh91AY&S\0")],
    ["cut.csv.bz2", bzip2File("several streams").subarray(0, 60)],
    ["tail.csv.bz2", Buffer.concat([bzip2File("a table"), Buffer.from("tail")])],
    ["tail.jsonl.zst", Buffer.concat([zstdCompressSync('{"a":1}\n'), Buffer.from("tail")])],
  ])("a source refuses damaged compression: %s", async (name, bytes) => {
    const path = await inputFile(name, bytes);
    await expect(readAll(openSource(path))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      file: path,
      message: expect.stringMatching(/the (?:gzip|zstd|bzip2) data is damaged or cut off/),
    });
  });

  it("a source finds a file that is missing, and a directory, by reading or asking for columns", async () => {
    const missing = join(directory, "missing.csv");
    const folder = join(directory, "folder.csv");
    await mkdir(folder);
    for (const [path, code] of [
      [missing, "INPUT_NOT_FOUND"],
      [folder, "INPUT_UNREADABLE"],
      [join(directory, "folder.csv", "below", "x.jsonl"), "INPUT_NOT_FOUND"],
      [join(directory, "x.json.gz"), "INPUT_NOT_FOUND"],
    ] as const) {
      await expect(readAll(openSource(path))).rejects.toMatchObject({ code, file: path });
      await expect(openSource(path).columns()).rejects.toMatchObject({ code });
    }
  });

  it.each(FORMATS)("a source reads a cell of 5 MB from %s", async (format) => {
    const cell = 'x"\n é'.repeat(2 ** 20);
    const text = {
      csv: `a\n"${cell.replaceAll('"', '""')}"\n`,
      tsv: `a\n"${cell.replaceAll('"', '""')}"\n`,
      jsonl: JSON.stringify({ a: cell }),
      json: JSON.stringify([{ a: cell }]),
    }[format];
    const path = await inputFile(`large.${format}`, text);
    expect(await readAll(openSource(path))).toEqual([{ a: cell }]);
  });

  it.each(FORMATS)("a source stops at a record of %s above the cap", async (format) => {
    const cell = "x".repeat(2000);
    const text = {
      csv: `a\n1\n"${cell}`,
      tsv: `a\n1\n"${cell}`,
      jsonl: `{"a":1}\n\n{"a":"${cell}`,
      json: `[{"a":1}\n,\n{"a":"${cell}`,
    }[format];
    const source = openSource(sourceOf([text]), { format, maxRecordBytes: 1000 });
    expect(await outcomeOf(source)).toMatchObject({
      rows: [{}],
      error: {
        code: "INVALID_INPUT",
        line: 3,
        message: expect.stringMatching(/more than 1000 bytes.*option maxRecordBytes/),
      },
    });
  });

  it("a source refuses a cap of its records that is none", () => {
    for (const maxRecordBytes of [0, -1, 1.5, Number.NaN]) {
      expect(() => openSource("x.csv", { maxRecordBytes })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", option: "maxRecordBytes" }),
      );
    }
  });

  it("a source takes a path, a file URL, bytes and text", async () => {
    const path = await inputFile("x.csv", "a\n1\n");
    const inputs = [path, pathToFileURL(path), sourceOf([Buffer.from("a\n1\n")]), sourceOf(["a\n1\n"])];
    for (const input of inputs) {
      expect(await readAll(openSource(input, { format: "csv" }))).toEqual([{ a: "1" }]);
    }
    await expect(readAll(csvSource(sourceOf([JSON.parse("7")])))).rejects.toMatchObject({
      message: expect.stringContaining("expected chunks of bytes or text, got number"),
    });
  });

  it("a source passes the error of its input stream on as the same object", async () => {
    const error = new Error("source failed");
    const input = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(error) });
    expect((await outcomeOf(csvSource(input))).error).toBe(error);
  });

  it("a source hears a cancel while it waits for input, and passes the reason on", async () => {
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
      const idle = new ReadableStream<Uint8Array>({ cancel: resolve }, { highWaterMark: 0 });
      const reader = csvSource(idle, { compression }).getReader();
      const read = reader.read();
      const reason = new Error("no longer needed");
      await reader.cancel(reason);
      expect((await read).done).toBe(true);
      expect(await cancelled).toBe(reason);
    }
  });

  it("a source ends the iterator of its input when it is cancelled", async () => {
    let ended = false;
    async function* input() {
      try {
        for (;;) yield "a\n1\n";
      } finally {
        ended = true;
      }
    }
    const reader = csvSource(input()).getReader();
    await reader.read();
    await reader.cancel();
    expect(ended).toBe(true);
  });

  it("a source reads a long file to the end, chunk by chunk", async () => {
    const rows = Array.from({ length: 50_000 }, (_, id) => ({ id, text: "é".repeat(id % 40) }));
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    const path = await inputFile("long.jsonl.zst", zstdCompressSync(text));
    expect(await readAll(openSource(path))).toEqual(rows);
  });

  it("a source refuses a record of many MiB that bzip2 has made small", async () => {
    const path = await inputFile("long.csv.bz2", bzip2File("equal bytes of several blocks"));
    await expect(readAll(openSource(path))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      line: 1,
      message: expect.stringContaining("the record has more than 16777216 bytes"),
    });
  });
});

/** How many descriptors of this process are open on a file. */
async function countDescriptors(path: string): Promise<number> {
  const names = await readdir("/proc/self/fd");
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets.filter((target) => target === path).length;
}

describe.runIf(process.platform === "linux")("the file of a source", () => {
  it.each(["x.jsonl", "x.jsonl.gz"])(
    "the file of a source is open while %s is read and closed after a cancel",
    async (name) => {
      const text = '{"a":1}\n'.repeat(100_000);
      const path = await inputFile(name, name.endsWith(".gz") ? gzipSync(text, { level: 0 }) : text);
      const source = openSource(path);
      expect(await countDescriptors(path)).toBe(0);
      const reader = source.getReader();
      await reader.read();
      expect(await countDescriptors(path)).toBe(1);
      await reader.cancel();
      expect(await countDescriptors(path)).toBe(0);
    },
  );

  it("the file of a source is closed when a cancel comes while it is being opened", async () => {
    const path = await inputFile("x.jsonl", '{"a":1}\n');
    const reader = openSource(path).getReader();
    const read = reader.read();
    await reader.cancel();
    await read;
    expect(await countDescriptors(path)).toBe(0);
  });

  it("the file of a source is closed at the end and after a fault", async () => {
    const good = await inputFile("good.jsonl", '{"a":1}\n');
    const bad = await inputFile("bad.jsonl", '{"a":1\n');
    await readAll(openSource(good));
    await outcomeOf(openSource(bad));
    expect(await countDescriptors(good)).toBe(0);
    expect(await countDescriptors(bad)).toBe(0);
  });
});
