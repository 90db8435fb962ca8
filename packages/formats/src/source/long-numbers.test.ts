import type { Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import {
  csvSource,
  jsonlSource,
  jsonSource,
  openSource,
  type JsonSourceOptions,
  type RowSource,
} from "../index.ts";

const LONG =
  '{"id":1234567890123456789,"ratio":0.1234567890123456789,"deep":[{"p":2.00000000000000000001}],"huge":1e400,"n":1.10}';

const SOURCES: readonly (readonly [string, (rows: string[], options?: JsonSourceOptions) => RowSource])[] = [
  ["jsonlSource", (rows, options) => jsonlSource(sourceOf([rows.join("\n")]), options)],
  ["jsonSource", (rows, options) => jsonSource(sourceOf([`[${rows.join(",")}]`]), options)],
  ["openSource", (rows, options) => openSource(sourceOf([rows.join("\n")]), { ...options, format: "jsonl" })],
];

describe.each(SOURCES)("%s", (name, open) => {
  it(`${name} gives long integers as bigints, and rounds and counts long decimals`, async () => {
    const source = open(['{"n":1.5}', LONG, LONG]);
    expect(source.notes).toEqual([]);
    const row: Row = {
      id: 1_234_567_890_123_456_789n,
      ratio: 0.12345678901234568,
      deep: [{ p: 2 }],
      huge: "1e400",
      n: 1.1,
    };
    expect(await readAll(source)).toStrictEqual([{ n: 1.5 }, row, row]);
    expect(source.notes).toEqual([{ code: "ROUNDED_NUMBER", count: 4, first: "0.1234567890123456789" }]);
  });

  it(`${name} gives all long numbers as text, and rounds nothing, where asked to`, async () => {
    const source = open([LONG], { longNumbers: "text" });
    expect(await readAll(source)).toStrictEqual([
      {
        id: "1234567890123456789",
        ratio: "0.1234567890123456789",
        deep: [{ p: "2.00000000000000000001" }],
        huge: "1e400",
        n: 1.1,
      },
    ]);
    expect(source.notes).toEqual([]);
  });

  it(`${name} shows a rounded number of any length in a few characters`, async () => {
    const source = open([`{"n":0.${"1".repeat(100_000)}}`]);
    await readAll(source);
    expect(source.notes[0]?.first).toBe(`0.${"1".repeat(58)}…`);
  });

  it(`${name} keeps all digits of an integer at any depth`, async () => {
    const text = `{"n":${"[".repeat(20_000)}1234567890123456789${"]".repeat(20_000)}}`;
    const [row] = await readAll(open([text]));
    let cell = row?.["n"];
    while (Array.isArray(cell)) cell = cell[0];
    expect(cell).toBe(1_234_567_890_123_456_789n);
  });

  it(`the option longNumbers of ${name} refuses a word that it does not know`, () => {
    // @ts-expect-error: not one of the words
    expect(() => open([LONG], { longNumbers: "string" })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        option: "longNumbers",
        message: expect.stringContaining('"string"'),
      }),
    );
  });
});

it("CSV cells are text, and nothing of them is rounded", async () => {
  const source = csvSource(sourceOf(["n\n0.1234567890123456789\n"]));
  const rows: Record<string, string>[] = await readAll(source);
  expect(rows).toEqual([{ n: "0.1234567890123456789" }]);
  expect(source.notes).toEqual([]);
});
