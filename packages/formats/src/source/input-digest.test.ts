import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { array, assert, asyncProperty, nat } from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { csvSource, openSource, type Format, type InputDigest } from "../index.ts";

type TextFormat = Extract<Format, "csv" | "tsv" | "jsonl" | "json">;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-digest-"));
});
afterEach(() => rm(directory, { recursive: true }));

function digestOf(bytes: Uint8Array): InputDigest {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const TEXTS: Readonly<Record<TextFormat, string>> = {
  csv: "\uFEFFa,b\r\n1,€\r\n\r\n",
  tsv: "a\tb\n1\t2",
  jsonl: '{"a":1}\n{"a":2}\n\n \n',
  json: ' [{"a":1},{"a":2}]\n \n',
};
const FORMATS = Object.keys(TEXTS) as TextFormat[];
const LONG = `a,b\n${Array.from({ length: 40_000 }, (_, id) => `${id},${id ** 3 % 9973}\n`).join("")}`;

const COMPRESS = {
  "": (text: string) => Buffer.from(text),
  ".gz": (text: string) => gzipSync(text),
  ".zst": (text: string) => zstdCompressSync(text),
  // Several members, and the zeros that some tools add.
  ".members.gz": (text: string) =>
    Buffer.concat([gzipSync(text), gzipSync(text.slice(0, 0)), Buffer.alloc(512)]),
  ".frames.zst": (text: string) => Buffer.concat([zstdCompressSync(""), zstdCompressSync(text)]),
};
const EXTENSIONS = Object.keys(COMPRESS) as (keyof typeof COMPRESS)[];

describe("onDigest", () => {
  it.each(FORMATS.flatMap((format) => EXTENSIONS.map((extension) => [format, extension] as const)))(
    "onDigest tells the bytes of a file as they are stored: %s%s",
    async (format, extension) => {
      const bytes = COMPRESS[extension](format === "csv" ? LONG : TEXTS[format]);
      const path = join(directory, `in.${format}${extension}`);
      await writeFile(path, bytes);
      const onDigest = vi.fn<(digest: InputDigest) => void>();
      const source = openSource(path, { format, onDigest });
      await source.columns();
      const rows = await readAll(source);
      expect(rows.length).toBeGreaterThan(0);
      expect(onDigest.mock.calls).toEqual([[digestOf(bytes)]]);
      // Asking for it changes nothing.
      expect(await readAll(openSource(path, { format }))).toEqual(rows);
    },
  );

  it("onDigest tells the bytes of a stream, however it is cut, and those of text in UTF-8", async () => {
    const bytes = zstdCompressSync(TEXTS.csv);
    await assert(
      asyncProperty(array(nat(bytes.length), { maxLength: 8 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
        const onDigest = vi.fn<(digest: InputDigest) => void>();
        await readAll(csvSource(sourceOf(pieces), { compression: "zstd", onDigest }));
        expect(onDigest.mock.calls).toEqual([[digestOf(bytes)]]);
      }),
    );
    const onDigest = vi.fn<(digest: InputDigest) => void>();
    await readAll(csvSource(sourceOf(["a\n\ud83e", "\udd9c", "\n"]), { onDigest }));
    expect(onDigest.mock.calls).toEqual([[digestOf(Buffer.from("a\n🦜\n"))]]);
  });

  it("onDigest is called before the rows end", async () => {
    const onDigest = vi.fn<(digest: InputDigest) => void>();
    const reader = csvSource(sourceOf([LONG]), { onDigest }).getReader();
    while (!(await reader.read()).done);
    expect(onDigest).toHaveBeenCalledOnce();
  });

  it("onDigest is not called for what is not read to its end, or has a fault", async () => {
    const onDigest = vi.fn<(digest: InputDigest) => void>();
    const path = join(directory, "in.csv");
    await writeFile(path, LONG);
    const reader = openSource(path, { onDigest }).getReader();
    await reader.read();
    await reader.cancel();
    const early = openSource(path, { onDigest }).getReader();
    const read = early.read();
    await early.cancel();
    await read;
    const idle = new ReadableStream<string>({ start: (controller) => controller.enqueue("a\n1\n") });
    const waiting = csvSource(idle, { onDigest }).getReader();
    const pending = waiting.read();
    await turn();
    await waiting.cancel();
    await pending;
    await turn();
    for (const [format, text] of [
      ["json", '[{"a":1}'],
      ["csv", 'a\n1\n"2'],
      ["jsonl", '{"a":1}\n{'],
      ["csv", ""],
    ] as const) {
      const rows = readAll(openSource(sourceOf([text]), { format, onDigest }));
      await expect(rows).rejects.toMatchObject({ code: expect.stringMatching(/_INPUT$/) });
    }
    expect(onDigest).not.toHaveBeenCalled();
  });

  it("a source fails with what its onDigest throws", async () => {
    const error = new Error("another input than before");
    const onDigest = (): never => {
      throw error;
    };
    await expect(readAll(csvSource(sourceOf(["a\n1\n"]), { onDigest }))).rejects.toBe(error);
  });

  it("onDigest tells the bytes of standard input", async () => {
    const index = JSON.stringify(new URL("../index.ts", import.meta.url).href);
    const script = `
      import { openSource } from ${index};
      const onDigest = (digest) => console.log(JSON.stringify(digest));
      for await (const row of openSource("-", { format: "csv", onDigest }));
    `;
    const options = [
      "--no-warnings",
      "--conditions=@parallel-parrot/source",
      "--input-type=module",
      "--eval",
    ];
    const run = promisify(execFile)(process.execPath, [...options, script]);
    run.child.stdin?.end(LONG);
    expect(JSON.parse((await run).stdout)).toEqual(digestOf(Buffer.from(LONG)));
  });
});
