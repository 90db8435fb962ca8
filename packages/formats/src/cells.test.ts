import { parseJson, stringifyJson, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { bigInt, array, assert, asyncProperty } from "fast-check";
import { describe, expect, it } from "vitest";
import { openSink, openSource, type CellChanges, type Format, type OpenSinkOptions } from "./index.ts";

const BIG = 1_234_567_890_123_456_789n;
const FORMATS: readonly Format[] = ["csv", "tsv", "jsonl", "json"];

async function written(rows: readonly Row[], format: Format, options: OpenSinkOptions = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
  await sourceOf(rows).pipeTo(await openSink(stream, { ...options, format }));
  return Buffer.concat(chunks).toString();
}

async function read(text: string, format: Format): Promise<Row[]> {
  return readAll(openSource(sourceOf([text]), { format }));
}

/** Each kind of cell, as JSON (`undefined`: its key is left out) and as text in CSV. */
const CELLS: readonly (readonly [name: string, cell: unknown, json: string | undefined, csv: string])[] = [
  ["text", "é", '"é"', "é"],
  ["a number", 1.5, "1.5", "1.5"],
  ["minus zero", -0, "0", "0"],
  ["a large number", 1e21, "1e+21", "1e+21"],
  ["an integer at 2^53", 2 ** 53, "9007199254740992", "9007199254740992"],
  ["a bigint", BIG, "1234567890123456789", "1234567890123456789"],
  ["a negative bigint", -(10n ** 30n), `-1${"0".repeat(30)}`, `-1${"0".repeat(30)}`],
  ["a bigint in an object", { id: BIG }, '{"id":1234567890123456789}', '{"id":1234567890123456789}'],
  ["a bigint in a list", [[BIG], null], "[[1234567890123456789],null]", "[[1234567890123456789],null]"],
  ["a boolean", false, "false", "false"],
  ["null", null, "null", ""],
  ["undefined", undefined, undefined, ""],
  ["no number", Number.NaN, "null", "NaN"],
  ["infinity", -Infinity, "null", "-Infinity"],
  ["infinity in a list", [Infinity], "[null]", "[null]"],
  ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"', "1970-01-01T00:00:00.000Z"],
  ["an invalid date", new Date(Number.NaN), "null", ""],
  ["a date in a list", [new Date(0)], '["1970-01-01T00:00:00.000Z"]', '["1970-01-01T00:00:00.000Z"]'],
  ["a map", new Map([["a", BIG]]), '{"a":1234567890123456789}', '{"a":1234567890123456789}'],
  ["a map of other keys", new Map([[1, "a"]]), '[[1,"a"]]', '[[1,"a"]]'],
  ["a set", new Set([1, "a"]), '[1,"a"]', '[1,"a"]'],
  ["a typed array", { e: new Float32Array([0.5]) }, '{"e":[0.5]}', '{"e":[0.5]}'],
  ["a typed array of bigints", new BigInt64Array([BIG]), "[1234567890123456789]", "[1234567890123456789]"],
  ["what says that it is text", new URL("https://a.b/"), '"https://a.b/"', "https://a.b/"],
  ["an empty object", {}, "{}", "{}"],
  ["undefined in an object", { a: undefined, b: 1 }, '{"b":1}', '{"b":1}'],
  ["undefined in a list", [undefined], "[null]", "[null]"],
  ["a function", () => 1, undefined, ""],
  ["a symbol", Symbol("x"), undefined, ""],
];

describe.each(CELLS)("%s", (kind, cell, json, csv) => {
  it(`a cell with ${kind} is written by every sink`, async () => {
    const rows = [{ id: "1", cell }];
    const object = json === undefined ? '{"id":"1"}' : `{"id":"1","cell":${json}}`;
    expect(await written(rows, "jsonl")).toBe(`${object}\n`);
    expect(await written(rows, "jsonl", { columns: ["id", "cell"] })).toBe(`${object}\n`);
    expect(await written(rows, "json")).toBe(`[\n${object}\n]\n`);
    for (const format of ["csv", "tsv"] as const) {
      expect(await read(await written(rows, format), format)).toEqual([{ id: "1", cell: csv }]);
    }
  });

  it(`a cell with ${kind} is written at its place where columns are in another order than in the row`, async () => {
    const members = json === undefined ? [] : [`"cell":${json}`];
    const object = `{${[...members, '"10":1'].join(",")}}`;
    expect(await written([{ cell, "10": 1 }], "jsonl", { columns: ["cell", "10"] })).toBe(`${object}\n`);
  });
});

it.each(FORMATS)("a cell with a circular reference is refused by %s, naming it", async (format) => {
  const loop: Record<string, unknown> = { id: BIG };
  loop["self"] = loop;
  await expect(written([{ loop }], format)).rejects.toMatchObject({
    code: "INVALID_INPUT",
    row: 0,
    message: expect.stringMatching(/row 1 as JSON: Converting circular structure to JSON$/),
  });
});

describe("an integer beyond 2^53", () => {
  it.each(["jsonl", "json"] as const)(
    "an integer beyond 2^53 is a bigint, however deep it lies, and goes through %s as it was",
    async (format) => {
      const text = `{"id":1234567890123456789,"text":"9007199254740993","deep":{"ids":[5,-9007199254740993]}}`;
      const [row] = await read(format === "json" ? `[${text}]` : text, format);
      expect(row).toStrictEqual({
        id: BIG,
        text: "9007199254740993",
        deep: { ids: [5, -9_007_199_254_740_993n] },
      });
      expect(await written([row ?? {}], "jsonl")).toBe(`${text}\n`);
    },
  );

  it("an integer beyond 2^53 is written beside a small one that stays a number", async () => {
    const text = '{"id":5}\n{"id":1234567890123456789}\n';
    expect(await written(await read(text, "jsonl"), "jsonl")).toBe(text);
  });

  it("an integer beyond 2^53 comes back from every format as the same digits", async () => {
    await assert(
      asyncProperty(array(bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), { minLength: 1 }), async (ids) => {
        const rows = ids.map((id) => ({ id, deep: [id] }));
        for (const format of FORMATS) {
          const back = await read(await written(rows, format), format);
          expect(back.map(({ id }) => String(id))).toEqual(ids.map(String));
          const deep = back.map((row) =>
            format.endsWith("sv") ? parseJson(String(row["deep"])) : row["deep"],
          );
          expect(deep.map((list) => stringifyJson(list))).toEqual(ids.map((id) => `[${id}]`));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("changes", () => {
  async function changesOf(
    rows: readonly Row[],
    format: Format,
    options: OpenSinkOptions = {},
  ): Promise<Readonly<CellChanges>> {
    const sink = await openSink(new WritableStream<Uint8Array>(), { ...options, format });
    expect(sink.changes).toEqual({ escapedFormulas: 0, nulledValues: 0, textNumbers: 0 });
    await sourceOf(rows).pipeTo(sink);
    return sink.changes;
  }

  const formulas = [
    { "=a": "=1", b: "- apple" },
    { "=a": "+SUM(1)", b: "@A1" },
  ];

  it.each(["csv", "tsv"] as const)(
    "a sink's changes tell how many cells of %s were escaped",
    async (format) => {
      expect(await changesOf(formulas, format)).toEqual({
        escapedFormulas: 3,
        nulledValues: 0,
        textNumbers: 0,
      });
      expect(await changesOf(formulas, format, { escapeFormulas: ["b"] })).toMatchObject({
        escapedFormulas: 1,
      });
      expect(await changesOf(formulas, format, { escapeFormulas: false })).toMatchObject({
        escapedFormulas: 0,
      });
    },
  );

  it.each(["jsonl", "json"] as const)(
    "a sink's changes tell of no escaped cells in %s, which has none",
    async (format) => {
      expect(await changesOf(formulas, format)).toEqual({
        escapedFormulas: 0,
        nulledValues: 0,
        textNumbers: 0,
      });
    },
  );

  it.each<[cell: unknown, inJson: number, inCsv: number]>([
    [Number.NaN, 1, 0],
    [-Infinity, 1, 0],
    [[Number.NaN, { a: Infinity, b: null }], 2, 2],
    [new Float64Array([Number.NaN, 1]), 1, 1],
    [new Map([["a", new Set([Infinity])]]), 1, 1],
    [new Date(Number.NaN), 1, 1],
    [{ at: new Date(Number.NaN) }, 1, 1],
    [null, 0, 0],
    ["null", 0, 0],
    [[null, "null", { null: undefined }], 0, 0],
    [{ toJSON: () => null, lost: Number.NaN }, 0, 0],
    [{ toJSON: 1, lost: Number.NaN }, 1, 1],
  ])("a sink's changes tell how many values of %o are null in the file", async (cell, inJson, inCsv) => {
    for (const format of FORMATS) {
      const { nulledValues } = await changesOf([{ cell }, { cell: 1 }, { cell }], format);
      expect(nulledValues).toBe(2 * (format.startsWith("json") ? inJson : inCsv));
    }
  });
});
