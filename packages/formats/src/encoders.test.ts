import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Row } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSink, openSource, type Format, type OpenSinkOptions } from "./index.ts";

async function written(rows: readonly Row[], format: Format, options: OpenSinkOptions = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
  await sourceOf(rows).pipeTo(await openSink(stream, { ...options, format }));
  return Buffer.concat(chunks).toString();
}

describe("csvSink", () => {
  it("csvSink writes every kind of cell", async () => {
    const row = {
      text: 'a,"b"\nc',
      none: null,
      absent: undefined,
      integer: -5,
      fraction: 0.1,
      large: 2n ** 64n,
      yes: true,
      date: new Date(0),
      noDate: new Date(Number.NaN),
      list: [1, "x"],
      object: { a: { b: null } },
      function: () => 1,
    };
    expect(await written([row], "csv")).toBe(
      "text,none,absent,integer,fraction,large,yes,date,noDate,list,object,function\n" +
        '"a,""b""\nc",,,-5,0.1,18446744073709551616,true,1970-01-01T00:00:00.000Z,,"[1,""x""]","{""a"":{""b"":null}}",\n',
    );
  });

  it("csvSink writes a tab between cells, and line ends of Windows, when asked to", async () => {
    expect(await written([{ a: "1,5", b: "\t" }], "tsv")).toBe('a\tb\n1,5\t"\t"\n');
    expect(await written([{ a: "1\r", b: "2" }], "csv", { recordDelimiter: "\r\n", delimiter: ";" })).toBe(
      'a;b\r\n"1\r";2\r\n',
    );
  });

  it("csvSink puts the named columns first, then the others as they appear", async () => {
    const rows = [{ "2020": 1, name: "x", extra: 2 }, { name: "y" }];
    expect(await written(rows, "csv", { columns: ["name", "missing", "2020"] })).toBe(
      "name,missing,2020,extra\nx,,1,2\ny,,,\n",
    );
  });

  it("csvSink writes a header alone where there are no rows, and nothing where there are no columns", async () => {
    expect(await written([], "csv", { columns: ["a", "b"] })).toBe("a,b\n");
    expect(await written([], "csv")).toBe("");
  });

  it("csvSink quotes what would be a blank line or a byte order mark", async () => {
    expect(await written([{ a: "" }, { a: null }, {}], "csv")).toBe('a\n""\n""\n""\n');
    expect(await written([{ "\uFEFFa": "1" }], "csv")).toBe('"\uFEFFa"\n1\n');
    expect(await written([{}], "csv")).toBe('""\n""\n');
  });

  it("csvSink escapes formulas everywhere, nowhere, or in named columns, and no headers", async () => {
    const rows = [{ "=h": "=1", b: "@A1", c: -5, d: "-5" }];
    expect(await written(rows, "csv")).toBe("=h,b,c,d\n'=1,'@A1,-5,-5\n");
    expect(await written(rows, "csv", { escapeFormulas: false })).toBe("=h,b,c,d\n=1,@A1,-5,-5\n");
    expect(await written(rows, "csv", { escapeFormulas: ["b"] })).toBe("=h,b,c,d\n=1,'@A1,-5,-5\n");
    expect(await written(rows, "csv", { escapeFormulas: (column) => column === "=h" })).toBe(
      "=h,b,c,d\n'=1,@A1,-5,-5\n",
    );
  });

  it("csvSink escapes the text of an object whose toJSON gives a text", async () => {
    expect(await written([{ a: { toJSON: () => "=1" } }], "csv")).toBe("a\n'=1\n");
  });

  it("csvSink refuses rows that bring ever more columns", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parrot-wide-"));
    const sink = await openSink(join(folder, "out.csv"));
    const rows = Array.from({ length: 11 }, (_, row) =>
      Object.fromEntries(Array.from({ length: 1001 }, (_, column) => [`${row} ${column}`, 1])),
    );
    await expect(sourceOf(rows).pipeTo(sink)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      row: 10,
      column: "10 991",
      message: expect.stringContaining("more than 10000") as string,
    });
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it("csvSink refuses a new column where the header is out already", async () => {
    await expect(written([{ a: 1 }, { a: 2 }, { a: 3, b: 4 }], "csv")).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "columns",
      row: 2,
      column: "b",
      message: expect.stringMatching(/row 3: its column "b" is not in the header.*option columns/),
    });
  });
});

describe("a CSV file whose header grows", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "parrot-csv-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it.each(["\n", "\r\n"] as const)(
    "a CSV file whose header grows is brought to one width, line end %j",
    async (recordDelimiter) => {
      const path = join(directory, "out.csv");
      const rows = [{ a: '1\n"', b: "\r\n" }, { a: "" }, { a: "x", c: "y" }, { d: "z", a: "" }];
      await sourceOf(rows).pipeTo(await openSink(path, { recordDelimiter, escapeFormulas: false }));
      const lines = ["a,b,c,d", '"1\n""","\r\n",,', ",,,", "x,,y,", ",,,z", ""];
      expect(await readFile(path, "utf8")).toBe(lines.join(recordDelimiter));
      expect(await readdir(directory)).toEqual(["out.csv"]);
    },
  );

  it("a CSV header grows from one column, and from none", async () => {
    for (const first of [{ a: "" }, { a: "1" }, {}]) {
      const path = join(directory, "out.csv");
      await sourceOf([first, { a: "2", b: "3" }]).pipeTo(await openSink(path, { overwrite: true }));
      expect(await readAll(openSource(path))).toEqual([
        { a: "", b: "", ...first },
        { a: "2", b: "3" },
      ]);
    }
  });

  it("a compressed CSV file whose header grows is whole, also where it is longer than any buffer", async () => {
    const path = join(directory, "out.csv.gz");
    const rows = Array.from({ length: 30_000 }, (_, id) => ({ id: String(id), text: 'x\n"' }));
    await sourceOf<Row>([...rows, { late: "1" }]).pipeTo(await openSink(path));
    expect(
      gunzipSync(await readFile(path))
        .subarray(0, 13)
        .toString(),
    ).toBe("id,text,late\n");
    expect(await readAll(openSource(path))).toEqual([
      ...rows.map(({ id, text }) => ({ id, text, late: "" })),
      { id: "", text: "", late: "1" },
    ]);
    expect(await readdir(directory)).toEqual(["out.csv.gz"]);
  });
});

describe("jsonlSink and jsonSink", () => {
  it("jsonlSink writes one row a line, and jsonSink one in an array", async () => {
    const rows = [
      { a: 1, b: undefined },
      { a: null, __proto__: 1 },
    ];
    const own = JSON.parse('{"__proto__":{"x":1}}');
    expect(await written([...rows, own], "jsonl")).toBe('{"a":1}\n{"a":null}\n{"__proto__":{"x":1}}\n');
    expect(await written([{ a: 1 }, own], "json")).toBe('[\n{"a":1},\n{"__proto__":{"x":1}}\n]\n');
  });

  it("jsonlSink and jsonSink write no rows as an empty file and an empty array", async () => {
    expect(await written([], "jsonl")).toBe("");
    expect(await written([], "json")).toBe("[]\n");
  });

  it("jsonlSink and jsonSink put the named columns first, keys like 2020 too, and leave absent ones out", async () => {
    const row = { "10": "i", z: undefined, b: 2, a: 1, name: "x", "2020": [1] };
    const own = JSON.parse('{"a":1,"__proto__":2}');
    const columns = ["name", "2020", "missing", "a", "z", "__proto__"];
    expect(await written([row, own], "jsonl", { columns })).toBe(
      '{"name":"x","2020":[1],"a":1,"10":"i","b":2}\n{"a":1,"__proto__":2}\n',
    );
  });

  it("jsonlSink and jsonSink write characters that UTF-8 cannot hold as escapes", async () => {
    expect(await written([{ a: "\ud83e" }], "jsonl")).toBe('{"a":"\\ud83e"}\n');
  });
});
