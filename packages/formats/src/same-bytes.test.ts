// @module-tag slow

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Packet, PacketStream, type Row } from "@parallel-parrot/core";
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  nat,
  record,
  string,
  type Arbitrary,
} from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputCompressionOf } from "./compression.ts";
import { formatOf, openSink } from "./index.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-same-bytes-"));
});
afterAll(() => rm(directory, { recursive: true }));

const EXTENSIONS = ["csv", "tsv", "jsonl", "json"].flatMap((format) =>
  ["", ".gz", ".zst"].map((compression) => `${format}${compression}`),
);

/** How rows come to the sink: in packets of these sizes, or one by one, with a turn of the event loop in between. */
interface Split {
  readonly sizes: readonly number[];
  readonly pauses: boolean;
  readonly to: "file" | "partial file" | "stream";
}

async function bytesOf(rows: readonly Row[], extension: string, split: Split): Promise<Buffer> {
  const path = join(directory, `rows.${extension}`);
  const partial = join(directory, `rows.partial.${extension}`);
  if (split.to !== "stream") {
    const growing = split.to === "file" ? {} : { partial, replacePartial: true };
    await packetsOf(rows, split).pipeTo(await openSink(path, { overwrite: true, ...growing }));
    return await readFile(path);
  }
  const chunks: Uint8Array[] = [];
  const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
  await packetsOf(rows, split).pipeTo(
    await openSink(stream, { format: formatOf(path).format, compression: outputCompressionOf(path) }),
  );
  return Buffer.concat(chunks);
}

function packetsOf(rows: readonly Row[], { sizes, pauses }: Split): PacketStream<Row> {
  let start = 0;
  let count = 0;
  const packets = new ReadableStream<Packet<Row>>(
    {
      async pull(controller) {
        if (pauses) await turn();
        if (start >= rows.length) return controller.close();
        const size = sizes[count++ % sizes.length] ?? 1;
        controller.enqueue(new Packet(rows.slice(start, start + size)));
        start += size;
      },
    },
    { highWaterMark: 0 },
  );
  return new PacketStream(packets);
}

const splits = (extension: string): Arbitrary<Split> =>
  record({
    sizes: array(integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
    pauses: boolean(),
    // A stream of CSV cannot take columns that come late.
    to: constantFrom("file", "partial file", ...(extension.includes("sv") ? [] : (["stream"] as const))),
  });

/** A few long rows or many short ones, well or badly compressed, with a column that may come late. */
const tables = record({
  words: array(string({ unit: "grapheme", maxLength: 12 }), { minLength: 1, maxLength: 20 }),
  shape: constantFrom([1, 300], [7, 4000], [150, 100], [2000, 10] as const),
  lateAt: nat(2000),
}).map(({ words, shape: [count = 1, repeat = 1], lateAt }) =>
  Array.from({ length: count }, (_, id): Row => {
    const text = (words[(id * 7) % words.length] ?? "").repeat(repeat);
    return { id, text, noise: id ** 5 % 99_991, ...(id > lateAt ? { late: id } : {}) };
  }),
);

describe("the same rows give the same bytes, however they come", () => {
  it.each(EXTENSIONS)("the same rows give the same bytes of %s, however they come", async (extension) => {
    await assert(
      asyncProperty(tables, splits(extension), async (rows, split) => {
        const whole = await bytesOf(rows, extension, { sizes: [rows.length], pauses: false, to: "file" });
        const parts = await bytesOf(rows, extension, split);
        expect(parts.equals(whole)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it("a gzip output has neither time nor name in its header", async () => {
    const split = { sizes: [1], pauses: false, to: "file" } as const;
    const bytes = await bytesOf([{ a: 1 }], "jsonl.gz", split);
    // RFC 1952: ID1 ID2 CM FLG MTIME(4); no name, no time.
    expect([...bytes.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  });
});
