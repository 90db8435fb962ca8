import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { array, assert, asyncProperty, integer } from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonlSource, jsonSource, openSource, type JsonSourceOptions, type RowSource } from "../index.ts";

const source = (text: string, options: JsonSourceOptions = {}): RowSource =>
  jsonSource(sourceOf([text]), options);
const json = (text: string, options: JsonSourceOptions = {}) => readAll(source(text, options));

/** What a source has noted: the codes with their counts and the first text. */
async function notesOf(from: RowSource): Promise<Record<string, string>> {
  await readAll(from);
  return Object.fromEntries(from.notes.map(({ code, count, first }) => [code, `${count} ${first}`]));
}

/** The folder for temporary files, for these tests alone. */
let folder: string;
const before = process.env["TMPDIR"];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-shapes-"));
  process.env["TMPDIR"] = folder;
});
afterAll(async () => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  await rm(folder, { recursive: true });
});

describe("jsonSource with objects one after the other", () => {
  it.each([
    ["one a line", '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ["over several lines", '{\n  "a": 1\n}\n{\n  "a": [\n    2\n  ]\n}\n', [{ a: 1 }, { a: [2] }]],
    ["without a blank between them", '{"a":1}{"b":{}}', [{ a: 1 }, { b: {} }]],
    ["one alone", ' {"a":1} ', [{ a: 1 }]],
    ["with lists of objects in them", '{"a":[{"b":1}]}\n{"a":[]}', [{ a: [{ b: 1 }] }, { a: [] }]],
  ])("objects %s are rows", async (_how, text, rows) => {
    expect(await json(text)).toEqual(rows);
  });

  it("objects over several lines are known by their first lines", async () => {
    const from = source('{\n"a":1\n}\n\n{\n"a":2}\n');
    await readAll(from);
    expect([from.lineOf(0), from.lineOf(1)]).toEqual([1, 5]);
  });

  it("an array behind an object is refused", async () => {
    await expect(json('{"a":1}\n[]')).rejects.toThrow(/expected another object, .* got an array/);
  });
});

describe("jsonSource with a list of rows in an object", () => {
  it("the only list of objects in an only object is found, and told", async () => {
    const text = '{"total":2,\n"data":[{"a":1},\n{"a":2}],\n"next":null,"tags":["x"]}';
    const from = source(text);
    expect(await readAll(from)).toEqual([{ a: 1 }, { a: 2 }]);
    expect([from.lineOf(0), from.lineOf(1)]).toEqual([2, 3]);
    expect(await notesOf(source(text))).toEqual({ RECORDS_FOUND: "1 data", MEMBER_LEFT_OUT: "3 total" });
  });

  it.each([
    ["columns", '{"a":{"0":1,"1":2},"b":{"0":3,"1":4}}'],
    ["columns", '{"votes":{"1":5,"2":3}}'],
    ["split", '{"columns":["a"],"index":[0],"data":[[1]]}'],
  ])("that an only object is a data frame by %s is told, as it may be a row: %s", async (orient, text) => {
    expect(await notesOf(source(text))).toEqual({ FRAME_FOUND: `1 ${orient}` });
    const asRow = source(text, { records: "." });
    expect(await notesOf(asRow)).toEqual({});
  });

  it("an only list that is empty has no rows", async () => {
    expect(await json('{"data":[],"total":0}')).toEqual([]);
  });

  it.each([
    ["a list by its key", '{"a":[{"x":1}],"b":[{"x":2}]}', "b", [{ x: 2 }]],
    ["a list in an object", '{"r":{"n":1,"data":[{"x":1}]}}', "r.data", [{ x: 1 }]],
    ["a list whose key has a dot", '{"r.s":{"data":[{"x":1}]}}', "r.s.data", [{ x: 1 }]],
    ["the lists of several objects", '{"data":[{"x":1}]}\n{"data":[{"x":2}]}', "data", [{ x: 1 }, { x: 2 }]],
    ["an object with a list as a row", '{"data":[{"x":1}]}', ".", [{ data: [{ x: 1 }] }]],
    ["the elements of an array as rows", '[{"x":1}]', ".", [{ x: 1 }]],
  ])("the option records reads %s", async (_what, text, records, rows) => {
    expect(await json(text, { records })).toEqual(rows);
  });

  it.each([
    ["several lists", '{"a":[{}],"b":[{}]}', undefined, /several lists of objects, "a", "b"; name the one/],
    ["a key that is not there", '{"a":[{}],"b":1}', "c", /it has no list "c"; it has "a", "b"/],
    ["a key that is no list", '{"a":{}}', "a", /expected "a" to be a list of objects, got an object/],
    [
      "elements that are no objects",
      '{"a":["x"]}',
      "a",
      /expected element 1 of "a" to be an object, got a string/,
    ],
    ["an array", '[{"a":1}]', "a", /it is an array, whose elements are the rows/],
    ["a list that is cut off", '{"a":[{"x":1}', "a", /the list "a" is never closed, after 1 element/],
    ["bad JSON in a list", '{"a":[{"x":1},\n{"x" 1}]}', "a", /line 2: element 2 of "a": invalid JSON/],
  ])("the option records is told of %s", async (_what, text, records, message) => {
    await expect(json(text, records === undefined ? {} : { records })).rejects.toThrow(message);
  });

  it("a list in an object far longer than a record is read as it comes", async () => {
    async function* endless(): AsyncGenerator<string> {
      yield '{"meta":{},"data":[';
      for (let id = 0; ; id += 1) {
        await Promise.resolve();
        yield `{"id":${id},"text":"${"x".repeat(500)}"},`;
      }
    }
    const reader = jsonSource(endless(), { maxRecordBytes: 2000 }).getReader();
    for (let id = 0; id < 100; id += 1) expect((await reader.read()).value).toMatchObject({ id });
    await reader.cancel();
  });
});

const FRAME = [
  { id: 12, name: "Ann", score: 1.5 },
  { id: 7, name: 'B "b"', score: null },
  { id: 3, name: null, score: -2 },
];

describe("jsonSource with files that pandas has written", () => {
  it.each(["records", "split", "columns", "table"])(
    "orient=%s gives the rows of the data frame",
    async (orient) => {
      const rows = await readAll(
        openSource(new URL(`../../fixtures/pandas/${orient}.json`, import.meta.url)),
      );
      expect(rows.map(({ id, name, score }) => ({ id, name, score }))).toEqual(FRAME);
    },
  );

  it.each(["split", "columns"])(
    "an index that does not only count the rows becomes a column by orient=%s",
    async (orient) => {
      const rows = await readAll(
        openSource(new URL(`../../fixtures/pandas/${orient}-filtered.json`, import.meta.url)),
      );
      expect(rows.map(({ index }) => String(index))).toEqual(["5", "2"]);
      expect(Object.keys(rows[0] ?? {})).toEqual(["index", "id", "name", "score"]);
    },
  );

  it("columns longer than a record are put together from the disk, in any pieces, and nothing is left there", async () => {
    const count = 3000;
    const labels = Array.from({ length: count }, (_, row) => row);
    const column = (cell: (row: number) => unknown): string =>
      JSON.stringify(Object.fromEntries(labels.map((row) => [row, cell(row)])));
    const text = `{"ä":${column((row) => `é ${row} 💡`)},"n":${column((row) => ({ row }))}}`;
    const bytes = Buffer.from(text);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, at) =>
      bytes.subarray(at * 777, (at + 1) * 777),
    );
    const rows = await readAll(jsonSource(sourceOf(pieces), { maxRecordBytes: 5000 }));
    expect(rows).toEqual(labels.map((row) => ({ ä: `é ${row} 💡`, n: { row } })));
    expect(await readdir(folder)).toEqual([]);
  });

  it("a data frame far longer than a record is read as it comes by orient=split", async () => {
    const data = Array.from({ length: 500 }, (_, row) => [row, "x".repeat(20)]);
    const labels = data.map(([row]) => row);
    const text = JSON.stringify({ columns: ["id", "text"], index: labels, data });
    const rows = await json(text, { maxRecordBytes: 500 });
    expect(rows).toEqual(data.map(([id, text]) => ({ id, text })));
    const shuffled = JSON.stringify({ columns: ["id", "text"], index: labels.toReversed(), data });
    await expect(json(shuffled, { maxRecordBytes: 500 })).rejects.toThrow(
      /index of the data frame is too long/,
    );
  });

  it.each([
    [
      "columns of other rows",
      '{"a":{"0":1,"1":2},"b":{"0":1,"2":2}}',
      /column "b" has "2" where the column "a" has "1"/,
    ],
    [
      "a column that is too short",
      '{"a":{"0":1,"1":2},"b":{"0":1}}',
      /column "b" ends where the column "a" has "1"/,
    ],
    [
      "a row that is too short",
      '{"columns":["a","b"],"data":[[1,2],\n[3]]}',
      /line 2: element 2 of "data" has 1 cells, and there are 2/,
    ],
    [
      "columns of several levels",
      '{"columns":[["a","b"]],"data":[[1]]}',
      /columns of the data frame have several levels/,
    ],
    ["bad JSON in a cell", '{"a":{"0":tru}}', /cell "0" of the column "a": invalid JSON/],
  ])("a data frame with %s is refused", async (_what, text, message) => {
    await expect(json(text)).rejects.toThrow(message);
  });
});

describe("NaN and Infinity in JSON", () => {
  it.each(['\\"', '"\\'])("a record of NaN and %j without an end is refused in linear time", async (unit) => {
    const record = `{"a":NaN,"b":"${unit.repeat(1_000_000)}`;
    await expect(readAll(jsonlSource(sourceOf([record])))).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  const text = '{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN, \\"Infinity","d":1}';

  it.each([
    ["jsonSource", (options: JsonSourceOptions) => source(`[${text}]`, options)],
    ["jsonlSource", (options: JsonSourceOptions) => jsonlSource(sourceOf([text]), options)],
  ])("%s reads NaN and Infinity as null, and counts them", async (_name, open) => {
    const from = open({});
    expect(await readAll(from)).toEqual([{ a: null, b: [null, null], c: 'NaN, "Infinity', d: 1 }]);
    expect(await notesOf(open({}))).toEqual({ NULLED_NUMBER: "3 NaN" });
    await expect(readAll(open({ nan: "error" }))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      option: "nan",
    });
  });

  it("what Python writes of a data frame with gaps is read", async () => {
    const [row] = await readAll(
      openSource(new URL("../../fixtures/pandas/json-dumps.json", import.meta.url)),
    );
    expect(row).toEqual({ id: 12, name: "Ann", score: null });
  });

  it("a value that is no JSON in another way as well is refused with the first fault", async () => {
    await expect(json('[{"a":NaN,"b":tru}]')).rejects.toThrow(/element 1: invalid JSON/);
  });
});

it("JSON in any shape gives the same rows however it is cut into chunks", async () => {
  const shapes: readonly (readonly [text: string, options: JsonSourceOptions])[] = [
    ['[\n{"a":"é}]","b":NaN},{"a":null}]', {}],
    ['{"a":1,\n"b":[{"x":"\\"}"}]}\n\n{"a":2}', {}],
    ['{"n":{"x":[1,"]"]},"data":[{"a":-1.5e3},{"a":"é"}],"t":true}', {}],
    ['{"n":{"x":1,"data":[{"a":1},{"a":{}}]},"m":[{}]}', { records: "n.data" }],
    ['{"columns":["a","b"],"index":[0,4],"data":[[1,"é"],[null,[2]]]}', {}],
    ['{"a":{"0":"é","1":2},"b":{"0":{"x":"}"},"1":null}}', {}],
  ];
  for (const [text, options] of shapes) {
    const whole = await json(text, options);
    expect(whole.length).toBe(2);
    const bytes = Buffer.from(text);
    const cuts = array(integer({ min: 0, max: bytes.length }), { maxLength: 6 });
    await assert(
      asyncProperty(cuts, async (places) => {
        const sorted = [0, ...places.toSorted((one, other) => one - other), bytes.length];
        const chunks = sorted.slice(1).map((end, at) => bytes.subarray(sorted[at], end));
        expect(await readAll(jsonSource(sourceOf(chunks), options))).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  }
});

it("what jq writes without options is read", async () => {
  const rows = await readAll(openSource(new URL("../../fixtures/pandas/jq.json", import.meta.url)));
  expect(rows).toEqual(FRAME);
});

it("a file of JSON in another shape is known by its digest, as any other", async () => {
  const path = join(folder, "rows.json");
  await writeFile(path, '{"a":{"0":1}}');
  let bytes: number | undefined;
  await readAll(openSource(path, { onDigest: (digest) => (bytes = digest.bytes) }));
  expect(bytes).toBe((await readFile(path)).length);
  await rm(path);
});
