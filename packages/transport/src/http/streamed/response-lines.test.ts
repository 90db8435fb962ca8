import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { responseLines } from "./response-lines.ts";
import { unpack } from "./unpack.ts";

const LIMITS = { maxLineBytes: 2 ** 20, maxBytes: 2 ** 24, onTooLong: () => undefined };

/** The bytes in pieces: each ends at one of these places. */
function* cut(bytes: Buffer, places: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (const place of places.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b)) {
    yield bytes.subarray(start, place);
    start = place;
  }
  yield bytes.subarray(start);
}

async function* each(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
}

async function read(pieces: Iterable<Buffer>, encoding: string, limits = LIMITS): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of responseLines(unpack(each(pieces), encoding), "", limits)) lines.push(line);
  return lines;
}

const PACKED: readonly [what: string, encoding: string, pack: (data: Buffer) => Buffer][] = [
  ["as they are", "", (data) => data],
  ["packed by gzip", "gzip", (data) => gzipSync(data)],
  ["packed by deflate", "deflate", (data) => deflateSync(data)],
  ["packed by deflate without its header", "deflate", (data) => deflateRawSync(data)],
  ["packed by br", "br", (data) => brotliCompressSync(data)],
  ["packed by zstd", "zstd", (data) => zstdCompressSync(data)],
  ["packed twice", "gzip, zstd", (data) => zstdCompressSync(gzipSync(data))],
  ["packed by gzip that nobody announces", "", (data) => gzipSync(data)],
  ["packed by gzip twice and announced once", "gzip", (data) => gzipSync(gzipSync(data))],
  ["unpacked by a proxy that kept the header", "br", (data) => data],
  ["unpacked by a proxy that kept the header of gzip", "gzip", (data) => data],
  ["announced with a word that is no coding", "utf-8", (data) => data],
  ["with a byte order mark", "zstd", (data) => Buffer.concat([Buffer.from("\uFEFF"), data])],
];

const line = fc
  .record({
    key: fc.string({ unit: "binary" }),
    text: fc.constantFrom("«Zoë»", "日本", "🦜", "a\u2028b", ""),
  })
  .map((value) => JSON.stringify(value));

describe("lines of a response", () => {
  it.each(PACKED)(
    "lines of a response that come %s are the same wherever they are cut",
    async (_what, encoding, pack) => {
      const cases = fc.record({
        lines: fc.array(line, { minLength: 1, maxLength: 20 }),
        end: fc.constantFrom("\n", "\r\n", "\n\n"),
        isEnded: fc.boolean(),
        places: fc.array(fc.nat(), { maxLength: 12 }),
      });
      await fc.assert(
        fc.asyncProperty(cases, async ({ lines, end, isEnded, places }) => {
          const bytes = pack(Buffer.from(lines.join(end) + (isEnded ? end : "")));
          const came = await read(cut(bytes, places), encoding);
          expect(came.map((text) => text.trimEnd())).toEqual(lines);
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each(PACKED)(
    "lines of a response that come %s are the same byte by byte",
    async (_what, encoding, pack) => {
      const bytes = pack(Buffer.from('{"a":"🦜"}\n{"b":"Zoë"}\n'));
      const places = Array.from(bytes, (_, at) => at);
      expect(await read(cut(bytes, places), encoding)).toEqual(['{"a":"🦜"}', '{"b":"Zoë"}']);
    },
  );

  it("lines of a response are none where it is empty, whatever it is announced as", async () => {
    for (const encoding of ["", "gzip", "zstd", "rot13"]) expect(await read([], encoding)).toEqual([]);
  });

  it.each([
    ["gzip that is damaged", "gzip", gzipSync("x".repeat(1000)).fill(0xff, 10, 18)],
    ["gzip that was cut off", "gzip", gzipSync('{"a":1}\n'.repeat(1000)).subarray(0, -12)],
    ["bytes under a coding that nobody knows", "rot13", brotliCompressSync("{}")],
  ])("lines of a response cannot be read from %s", async (_what, encoding, bytes) => {
    await expect(read([bytes], encoding)).rejects.toMatchObject({ name: "HttpError", kind: "BAD_RESPONSE" });
  });

  it("lines of a response are bounded by their bytes when they are unpacked", async () => {
    const bomb = gzipSync(`${"x".repeat(1000)}\n`.repeat(20_000));
    await expect(read([bomb], "gzip")).rejects.toMatchObject({
      name: "HttpError",
      kind: "RESPONSE_TOO_LARGE",
    });
  });
});
