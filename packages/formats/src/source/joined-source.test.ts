import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { array, assert, asyncProperty, nat } from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSink, openSource, type InputDigest, type RowSource } from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-joined-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

describe("openSource of several inputs", () => {
  it("rows of several inputs come one input after the other, each by its own format", async () => {
    const inputs = [
      await file("a.csv", "id,text\n1,one\n2,two\n"),
      await file("b.jsonl", '{"id":3,"text":"three"}\n'),
      await file("c.tsv", "text\tid\nfour\t4\n"),
    ];
    expect(await Array.fromAsync(openSource(inputs))).toEqual([
      { id: "1", text: "one" },
      { id: "2", text: "two" },
      { id: 3, text: "three" },
      { text: "four", id: "4" },
    ]);
  });

  it("a row of several inputs is known by its input, its number there and its line", async () => {
    const [a, empty, b] = [
      await file("a.csv", "id\n1\n2\n"),
      await file("empty.csv", "id\n"),
      await file("b.csv", "id\n\n3\n"),
    ];
    const source = openSource([a, empty, b]);
    expect(source.placeOf(0)).toBeUndefined();
    await Array.fromAsync(source);
    expect([0, 1, 2, 3].map((row) => source.placeOf(row))).toEqual([
      { input: 0, file: a, row: 0, line: 2 },
      { input: 0, file: a, row: 1, line: 3 },
      { input: 2, file: b, row: 0, line: 3 },
      undefined,
    ]);
    expect(source.lineOf(2)).toBe(3);
    expect(source.file).toBeUndefined();
  });

  it("a row of a single input has a place too", async () => {
    const a = await file("a.csv", "id\n1\n");
    const source = openSource(a);
    await Array.fromAsync(source);
    expect(source.placeOf(0)).toEqual({ input: 0, file: a, row: 0, line: 2 });
    expect(source.placeOf(1)).toBeUndefined();
  });

  it("the place of each row is right however many rows the inputs have, none among them", async () => {
    await assert(
      asyncProperty(array(nat(5), { minLength: 1, maxLength: 6 }), async (sizes) => {
        const streams = sizes.map((size, input) =>
          Readable.from([`at\n${Array.from({ length: size }, (_, row) => `${input} ${row}\n`).join("")}`]),
        );
        const source = openSource(streams, { format: "csv" });
        let count = 0;
        for await (const row of source) {
          const place = source.placeOf(count);
          expect(`${place?.input} ${place?.row}`).toBe(row["at"]);
          count += 1;
        }
        expect(count).toBe(sizes.reduce((sum, size) => sum + size, 0));
      }),
      { numRuns: 50 },
    );
  });

  it("the columns of several inputs are those of all of them, and no row is lost by asking", async () => {
    const [a, b] = [await file("a.csv", "id,text\n1,one\n"), await file("b.csv", "lang,id\nen,2\n")];
    const source = openSource([a, b]);
    expect(await source.columns()).toEqual(["id", "text", "lang"]);
    expect(await Array.fromAsync(source)).toHaveLength(2);
  });

  it("inputs that can be read once tell their columns and lose no row by it", async () => {
    const streams = ["id\n1\n", "text\none\n"].map((text) => Readable.from([text]));
    const source = openSource(streams, { format: "csv" });
    expect(await source.columns()).toEqual(["id", "text"]);
    expect(await Array.fromAsync(source)).toEqual([{ id: "1" }, { text: "one" }]);
  });

  it("several inputs have no header where one of them has none", async () => {
    const inputs = [await file("a.csv", "id\n1\n"), await file("b.jsonl", '{"id":2}\n')];
    expect(await openSource(inputs).columns()).toBeUndefined();
    expect(await openSource(inputs).columnTypes()).toBeUndefined();
  });

  it("a column whose type differs between inputs gets the type that holds both", async () => {
    const parts = [
      { n: { type: "integer", bits: 32, signed: true }, x: { type: "integer", bits: 64, signed: true } },
      { n: { type: "integer", bits: 64, signed: true }, x: { type: "float", bits: 64 } },
    ] as const;
    const paths: string[] = [];
    for (const [number, types] of parts.entries()) {
      const path = join(directory, `${number}.parquet`);
      const sink = await openSink(path, {
        columnTypes: new Map([...Object.entries(types), [`own${number}`, { type: "boolean" }]]),
      });
      const writer = sink.getWriter();
      await writer.write({ n: 7, x: number === 0 ? 1 : 1.5, [`own${number}`]: true });
      await writer.close();
      paths.push(path);
    }
    const source = openSource(paths);
    expect(Object.fromEntries((await source.columnTypes()) ?? [])).toEqual({
      n: { type: "integer", bits: 64, signed: true },
      x: { type: "float", bits: 64 },
      own0: { type: "boolean" },
      own1: { type: "boolean" },
    });
    expect(await Array.fromAsync(source)).toEqual([
      { n: 7, x: 1, own0: true },
      { n: 7, x: 1.5, own1: true },
    ]);
  });

  it.each([
    ["seconds", "micros", "micros"],
    ["micros", "seconds", "micros"],
    ["millis", "seconds", "millis"],
    ["millis", "nanos", "nanos"],
  ] as const)(
    "a column of timestamps in %s and, in the next input, in %s gets the finer unit, %s",
    async (first, second, finer) => {
      const paths = await Promise.all(
        [first, second].map(async (unit, number) => {
          const path = join(directory, `${number}.arrow`);
          const columnTypes = new Map([["at", { type: "timestamp", unit, utc: true }] as const]);
          await ReadableStream.from([{ at: "2026-11-30T12:00:00Z" }]).pipeTo(
            await openSink(path, { columnTypes }),
          );
          return path;
        }),
      );
      const source = openSource(paths);
      expect([...((await source.columnTypes()) ?? [])]).toEqual([
        ["at", { type: "timestamp", unit: finer, utc: true }],
      ]);
      expect(await Array.fromAsync(source)).toHaveLength(2);
    },
  );

  it("sourceColumn puts the name of each row's input into a last column, of a single input too", async () => {
    const [a, b] = [await file("a.csv", "id\n1\n"), await file("b.csv", "id,x\n2,3\n")];
    const source = openSource([a, b], { sourceColumn: "file" });
    expect(await source.columns()).toEqual(["id", "x", "file"]);
    expect(await Array.fromAsync(source)).toEqual([
      { id: "1", file: a },
      { id: "2", x: "3", file: b },
    ]);
    expect(await Array.fromAsync(openSource(a, { sourceColumn: "file" }))).toEqual([{ id: "1", file: a }]);
  });

  it.each([
    ["csv", "file\n1\n"],
    ["jsonl", '{"file":1}\n'],
  ])("sourceColumn is refused where the rows of %s have such a column", async (format, text) => {
    const path = await file(`a.${format}`, text);
    const source = openSource([path, path], { sourceColumn: "file" });
    await expect(Array.fromAsync(source)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "sourceColumn",
      column: "file",
    });
  });

  it("the digest of several inputs is that of the list which sha256sum prints of them", async () => {
    const [a, b] = [await file("a.csv", "id\n1\n"), await file("b.csv", "id\n2\n")];
    const digests: InputDigest[] = [];
    await Array.fromAsync(openSource([a, b], { onDigest: (digest) => digests.push(digest) }));
    const list = `${sha256("id\n1\n")}  ${a}\n${sha256("id\n2\n")}  ${b}\n`;
    expect(digests).toEqual([{ bytes: 10, sha256: sha256(list) }]);
  });

  it("the digest of a list of one input is that of the input", async () => {
    const a = await file("a.csv", "id\n1\n");
    const digests: InputDigest[] = [];
    for (const options of [{}, { sourceColumn: "file" }])
      await Array.fromAsync(openSource([a], { ...options, onDigest: (digest) => digests.push(digest) }));
    const own = { bytes: 5, sha256: sha256(await readFile(a)) };
    expect(digests).toEqual([own, own]);
  });

  it("a fault in one of several inputs names that file and its line, after the rows before it", async () => {
    const [a, b] = [await file("a.csv", "id\n1\n"), await file("b.csv", "id,x\n2,3\n4,5,6\n")];
    const rows: unknown[] = [];
    const reading = (async () => {
      for await (const row of openSource([a, b])) rows.push(row);
    })();
    await expect(reading).rejects.toMatchObject({ code: "INVALID_INPUT", file: b, line: 3 });
    expect(rows).toHaveLength(2);
  });

  it("changes to several inputs are counted together", async () => {
    const number = "0.12345678901234567890123";
    const inputs = [
      await file("a.jsonl", `{"x":${number}}\n`),
      await file("b.jsonl", `{"x":${number}}\n{"x":${number}}\n`),
    ];
    const source = openSource(inputs);
    await Array.fromAsync(source);
    expect(source.notes).toEqual([{ code: "ROUNDED_NUMBER", count: 3, first: number }]);
  });

  it("an input that is missing is told by its name when its turn comes", async () => {
    const a = await file("a.csv", "id\n1\n");
    const missing = join(directory, "b.csv");
    await expect(Array.fromAsync(openSource([a, missing]))).rejects.toMatchObject({
      code: "INPUT_NOT_FOUND",
      file: missing,
    });
  });

  it("a cancel in the middle of several inputs ends the reading and tells no digest", async () => {
    const [a, b] = [await file("a.csv", "id\n1\n2\n"), await file("b.csv", "id\n3\n")];
    let digest: InputDigest | undefined;
    const source: RowSource = openSource([a, b], { onDigest: (told) => (digest = told) });
    for await (const _ of source) break;
    expect(digest).toBeUndefined();
    await openSource([a, b]).cancel();
  });

  it.each([
    ["no input", []],
    ["standard input twice", ["-", "-"]],
    ["a number among inputs", ["a.csv", 1]],
  ])("openSource refuses %s", (_, inputs) => {
    expect(() => openSource(inputs as string[], { format: "csv" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});
