import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arraySource, flatMapStream, mapStream, type Item, type Row } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSink, type Format, type OpenSinkOptions, type UnwritableRow } from "../index.ts";

const FORMATS: readonly Format[] = ["csv", "tsv", "jsonl", "json"];

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-unwritable-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Cells that no format can hold. */
const UNWRITABLE: readonly (readonly [string, () => unknown])[] = [
  [
    "with a circular reference",
    () => {
      const circle: unknown[] = [];
      circle.push({ circle });
      return circle;
    },
  ],
  [
    "whose toJSON throws",
    () => ({
      toJSON(): never {
        throw new RangeError("no text for this");
      },
    }),
  ],
];

/** Writes rows; gives the text of the file. */
async function write(
  rows: ReadableStream<Row>,
  format: Format,
  onUnwritable: OpenSinkOptions["onUnwritable"],
): Promise<string> {
  const path = join(directory, `out.${format}`);
  const options = onUnwritable === undefined ? {} : { onUnwritable };
  await rows.pipeTo(await openSink(path, { overwrite: true, ...options }));
  return readFile(path, "utf8");
}

describe.each(FORMATS)("a row that %s cannot hold", (format) => {
  it.each(UNWRITABLE)(
    `a row with a cell %s is left out of ${format}, and the others are written`,
    async (_, cell) => {
      const told: UnwritableRow[] = [];
      const good = [{ a: 1 }, { a: 2, b: "later" }];
      const rows = [{ bad: cell() }, good[0], { a: cell(), new: 1 }, good[1], { a: cell() }] as Row[];
      const text = await write(sourceOf(rows), format, (row) => void told.push(row));
      // No column of a row that is not there, and no comma or header in its place.
      expect(text).toBe(await write(sourceOf(good as Row[]), format, undefined));
      expect(told.map(({ index, row, item }) => ({ index, row, item }))).toEqual([
        { index: 0, row: rows[0], item: undefined },
        { index: 2, row: rows[2], item: undefined },
        { index: 4, row: rows[4], item: undefined },
      ]);
      expect(String(told[0]?.error)).toMatch(/cannot be written as JSON: (Converting circular|no text)/);
    },
  );

  it(`onUnwritable for ${format} is awaited, and the row that it gives back is written in place of the unwritable one`, async () => {
    const [[, circle]] = UNWRITABLE as [(typeof UNWRITABLE)[number]];
    const rows = [{ a: 1 }, { a: circle() }, { a: 2 }, { a: circle() }];
    const text = await write(sourceOf(rows), format, async ({ index, row }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return index === 1 ? { a: null } : row;
    });
    expect(text).toBe(await write(sourceOf([{ a: 1 }, { a: null }, { a: 2 }]), format, undefined));
  });

  it(`a sink of ${format} ends the stream with what onUnwritable throws`, async () => {
    const [[, circle]] = UNWRITABLE as [(typeof UNWRITABLE)[number]];
    const error = new Error("enough");
    const written = write(sourceOf([{ a: circle() }]), format, () => {
      throw error;
    });
    await expect(written).rejects.toBe(error);
    expect(await readdir(directory)).toEqual([]);
  });

  it(`an unwritable row of ${format} is known by the row of the input that it was made of, behind stages of ours`, async () => {
    const [[, circle]] = UNWRITABLE as [(typeof UNWRITABLE)[number]];
    const items = Array.from({ length: 600 }, (_, index): Item => ({ index, row: { id: index } }));
    const exploded = flatMapStream<Item, Row>(
      ({ index }) => [{ id: index }, ...(index % 200 === 100 ? [{ id: circle() }] : [])],
      { itemOf: (item) => item },
    );
    const told: UnwritableRow[] = [];
    await write(
      arraySource(items)
        .pipeThrough(exploded)
        .pipeThrough(mapStream((row: Row) => row))
        .pipeThrough(flatMapStream((row: Row) => [row])),
      format,
      (row) => void told.push(row),
    );
    expect(told.map(({ item, index }) => [item, index])).toEqual([
      [items[100], 101],
      [items[300], 302],
      [items[500], 503],
    ]);
  });
});

it("a CSV stream whose header is out still refuses a new column, which no row behind it would survive", async () => {
  const stream = new WritableStream<Uint8Array>();
  const sink = await openSink(stream, { format: "csv", onUnwritable: () => ({ a: 0 }) });
  await expect(sourceOf([{ a: 1 }, { b: 2 }]).pipeTo(sink)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    row: 1,
  });
});
