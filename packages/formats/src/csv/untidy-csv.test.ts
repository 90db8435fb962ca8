import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { array, assert, asyncProperty, constantFrom, nat, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { csvSource, tsvSource, type CsvSourceOptions, type SourceNoteCode } from "../index.ts";

interface Reading {
  readonly rows: Record<string, string>[];
  readonly notes: Partial<Record<SourceNoteCode, readonly [count: number, line: number | undefined]>>;
}

/** The rows of a text and what was told, or the error. */
async function read(pieces: readonly string[], options: CsvSourceOptions = {}): Promise<Reading> {
  const source = csvSource(sourceOf([...pieces]), options);
  const rows = await readAll(source);
  return {
    rows,
    notes: Object.fromEntries(source.notes.map(({ code, count, line }) => [code, [count, line]])),
  };
}

type Case = readonly [
  what: string,
  text: string,
  rows: readonly (readonly string[])[],
  notes: Reading["notes"],
  options?: CsvSourceOptions,
];

/** Each text with its records, header first, and what is told of them. */
const UNTIDY: readonly Case[] = [
  [
    "a quote inside an unquoted cell",
    'id,size\n1,26" monitor\n2,a "b", c\n'.replace(", c", ""),
    [
      ["id", "size"],
      ["1", '26" monitor'],
      ["2", 'a "b"'],
    ],
    { QUOTE_IN_CELL: [2, 2] },
  ],
  [
    "blanks around quotes",
    'a,b,c\n1, "x, y" ,3\n "1"\t,"2" ,"z\nz"\t\n',
    [
      ["a", "b", "c"],
      ["1", "x, y", "3"],
      ["1", "2", "z\nz"],
    ],
    { BLANKS_AROUND_QUOTES: [4, 2] },
  ],
  [
    "a quoted word behind a blank",
    'a,b\n1, "so called" help\n',
    [
      ["a", "b"],
      ["1", ' "so called" help'],
    ],
    { QUOTE_IN_CELL: [1, 2] },
  ],
  [
    "a row that is too short",
    "a,b,c\n1,2,3\n\n4\n5,6\n",
    [
      ["a", "b", "c"],
      ["1", "2", "3"],
      ["4", "", ""],
      ["5", "6", ""],
    ],
    { SHORT_ROW: [2, 4] },
  ],
  [
    "empty cells behind the last column",
    "a,b\n1,2,\n3,4,,\n5,6\n",
    [
      ["a", "b"],
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
    ],
    { TRAILING_DELIMITER: [2, 2] },
  ],
  [
    "lines of nothing but blanks",
    "a,b\n  \n1,2\n \t\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
    { BLANK_LINE: [2, 2] },
  ],
  [
    "the end mark of DOS",
    "a,b\r\n1,2\r\n\u001A",
    [
      ["a", "b"],
      ["1", "2"],
    ],
    { END_MARK: [1, 3] },
  ],
  [
    "a carriage return inside an unquoted cell",
    "a,b\n1,one\rtwo\n2,\rx\r\n3,y\r",
    [
      ["a", "b"],
      ["1", "one\rtwo"],
      ["2", "\rx"],
      ["3", "y"],
    ],
    { RETURN_IN_CELL: [2, 2] },
  ],
  [
    "lines above the header",
    'Sales, "2024\r\n\r\na,b\r\n1,2\r\n',
    [
      ["a", "b"],
      ["1", "2"],
    ],
    {},
    { skipLines: 2 },
  ],
  [
    "comments",
    '# made by hand, "so\na,b\n#x\n1,#2\n"3\n#",4\n#',
    [
      ["a", "b"],
      ["1", "#2"],
      ["3\n#", "4"],
    ],
    { COMMENT_LINE: [3, 1] },
    { comment: "#" },
  ],
  [
    "quotes that are escaped",
    'a,b\n"5\\" disk","C:\\\\dir\\n"\n6\\" disk,x\\, y\n"d""d",\\\\\n',
    [
      ["a", "b"],
      ['5" disk', "C:\\dir\\n"],
      ['6" disk', "x, y"],
      ['d"d', "\\"],
    ],
    {},
    { escape: "\\" },
  ],
  [
    "a line that says the delimiter",
    "sep=;\r\na;b\r\n1;2,5\r\n",
    [
      ["a", "b"],
      ["1", "2,5"],
    ],
    { DELIMITER_FOUND: [1, 1] },
  ],
  [
    "decimal commas between semicolons",
    "name;price;sold\nx;1,50;2\ny;2,75;3\n",
    [
      ["name", "price", "sold"],
      ["x", "1,50", "2"],
      ["y", "2,75", "3"],
    ],
    { DELIMITER_FOUND: [1, 1] },
  ],
  [
    "decimal commas in most rows, and a comma in the header",
    "name;price, EUR\nx;1,50\ny;2\nz;3,25\n",
    [
      ["name", "price, EUR"],
      ["x", "1,50"],
      ["y", "2"],
      ["z", "3,25"],
    ],
    { DELIMITER_FOUND: [1, 1] },
  ],
  [
    "semicolons around cells in quotes",
    '"id";"text"\n"1";"a, b; c"\n"2";"d"\n',
    [
      ["id", "text"],
      ["1", "a, b; c"],
      ["2", "d"],
    ],
    { DELIMITER_FOUND: [1, 1] },
  ],
  [
    "pipes",
    "a|b|c\n1|2|3\n4|5|6\n",
    [
      ["a", "b", "c"],
      ["1", "2", "3"],
      ["4", "5", "6"],
    ],
    { DELIMITER_FOUND: [1, 1] },
  ],
];

/** Texts with one reading, which have to be read as they always were. */
const TIDY: readonly Case[] = [
  [
    "packed cells between commas",
    "geo,lat|lon|alt\na,1|2|3\nb,4|5|6\n",
    [
      ["geo", "lat|lon|alt"],
      ["a", "1|2|3"],
      ["b", "4|5|6"],
    ],
    {},
  ],
  [
    "a single column with a semicolon in its name",
    "Question; please\nWhat; now; then?\nAnd\n",
    [["Question; please"], ["What; now; then?"], ["And"]],
    {},
  ],
  ["a single column with blanks", "a\n  \nx\n", [["a"], ["  "], ["x"]], {}],
  [
    "empty cells in each row",
    "a,b,\n,,\n1,2,3\n",
    [
      ["a", "b", "column_3"],
      ["", "", ""],
      ["1", "2", "3"],
    ],
    {},
  ],
  [
    "line ends of old Macs",
    'a,b\r1,"x\ry"\r\r2,z',
    [
      ["a", "b"],
      ["1", "x\ry"],
      ["2", "z"],
    ],
    {},
  ],
  [
    "line ends of two carriage returns",
    "a,b\r\r\n1,2\r\r\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
    {},
  ],
];

const named = (cases: readonly Case[]): (readonly [string, Case])[] => cases.map((each) => [each[0], each]);

const ALL = named([...UNTIDY, ...TIDY]);

const toRows = ([header = [], ...rows]: Case[2]): Record<string, string>[] =>
  rows.map((cells) => Object.fromEntries(header.map((column, index) => [column, cells[index] ?? ""])));

describe("csvSource and untidy text", () => {
  it.each(ALL)(
    "csvSource reads %s, and tells what is untidy",
    async (_, [, text, records, notes, options]) => {
      expect(await read([text], options)).toEqual({ rows: toRows(records), notes });
    },
  );

  it.each(ALL)("csvSource reads %s however the text is cut", async (_, [, text, records, notes, options]) => {
    const expected = { rows: toRows(records), notes };
    expect(await read(text.split(""), options)).toEqual(expected);
    await assert(
      asyncProperty(array(nat(text.length), { maxLength: 4 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), text.length];
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(await read(pieces, options)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it.each(
    named(UNTIDY.filter(([, , , notes]) => Object.keys(notes).some((code) => code !== "COMMENT_LINE"))),
  )("csvSource refuses %s where it is strict, with the line", async (_, [, text, , notes, options]) => {
    const line = Object.values(notes)[0]?.[1];
    await expect(read([text], { ...options, strict: true })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      line,
      message: expect.stringContaining(`line ${line}: `),
    });
  });

  it("csvSource names the column of an untidy cell where it is strict", async () => {
    await expect(read(['a,b\n1,2\n3,4" x\n'], { strict: true })).rejects.toMatchObject({
      line: 3,
      column: "b",
      message:
        'Cannot read the input, line 3: column "b": a quote inside an unquoted cell; put the cell in quotes and double the quote',
    });
  });

  it("csvSource gives the rows before an untidy cell that it refuses", async () => {
    const reader = csvSource(sourceOf(['a\n1\n"x"y\n'])).getReader();
    expect((await reader.read()).value).toEqual({ a: "1" });
    await expect(reader.read()).rejects.toMatchObject({ line: 3, option: "quotes" });
  });

  it.each([
    ["text behind a quote", 'a,b\n1,"x"y\n', /text after the closing quote of a cell; .* quotes: false/],
    ["text behind a quote with a delimiter inside", 'a,b\n1, "x, y" z\n', /text after the closing quote/],
    ["a quote behind a backslash", 'a,b\n1,"x\\" y"\n', /set the option escape to/],
    ["more cells than columns", "a,b\n1,2,3\n", /expected 2 cells, got 3/],
    ["a title for a header", "Sales\na,b\n1,2\n", /option skipLines/],
    [
      "a title with a comma above semicolons",
      "Sales, 2020\na;b;c\n1;2;3\n4;5;6\n",
      /line 1: the lines below it are a table with ";" between cells, and it is not; .* option skipLines/,
    ],
  ])("csvSource refuses %s, which has several readings", async (_, text, message) => {
    await expect(read([text])).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
  });

  it("csvSource refuses a single column of texts with commas, and says how it is read", async () => {
    const text = "review\nFine\nGreat | loved it, really\nBad, terrible; no, never\n";
    const error: unknown = await read([text]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ line: 3, option: "delimiter" });
    const [, delimiter = ""] = /such as "(.)"$/.exec(String(error)) ?? [];
    expect(await read([text], { delimiter })).toEqual({
      rows: toRows([["review"], ["Fine"], ["Great | loved it, really"], ["Bad, terrible; no, never"]]),
      notes: {},
    });
  });

  it.each([
    ["escape", { escape: "," }],
    ["escape", { escape: "ab" }],
    ["escape", { escape: "\\", quotes: false }],
    ["comment", { comment: '"' }],
    ["comment", { comment: ";", delimiter: ";" }],
    ["skipLines", { skipLines: -1 }],
    ["strict", { strict: "yes" }],
  ] as const)("csvSource refuses the option %s where it contradicts the others: %j", (option, options) => {
    expect(() => csvSource("x.csv", options as CsvSourceOptions)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }),
    );
  });

  it("a header with a blank name is no title above rows with as many cells, whatever else is in them", async () => {
    const { rows } = await read(["name,\t\n\t,\n\t,\n"]);
    expect(rows).toEqual([
      { name: "\t", "\t": "" },
      { name: "\t", "\t": "" },
    ]);
  });

  it("the line of a header that seems to be a title is counted from the top of the file", async () => {
    const text = "made by hand\nSales, 2020\na;b\n1;2\n3;4\n";
    await expect(read([text], { skipLines: 1 })).rejects.toMatchObject({ line: 2, option: "skipLines" });
    expect(await read([text], { skipLines: 2 })).toMatchObject({ rows: [{ a: "1" }, { a: "3" }] });
    expect(await read([text], { skipLines: 1, delimiter: "," })).toMatchObject({
      notes: { SHORT_ROW: [3, 3] },
    });
  });

  it("strict refuses a line that says the delimiter, and can be followed", async () => {
    const text = "sep=;\na;b\n1;2\n";
    const options = { strict: true, delimiter: ";" };
    await expect(read([text], options)).rejects.toMatchObject({
      line: 1,
      option: "skipLines",
      message: expect.stringContaining('the line "sep=;" is none of the table'),
    });
    expect(await read([text], { ...options, skipLines: 1 })).toMatchObject({ rows: [{ a: "1", b: "2" }] });
  });

  it("tsvSource finds that its cells are separated by commas", async () => {
    const source = tsvSource(sourceOf(["a,b\n1,2\n"]));
    expect(await readAll(source)).toEqual([{ a: "1", b: "2" }]);
    expect(source.notes).toEqual([{ code: "DELIMITER_FOUND", count: 1, first: ",", line: 1 }]);
  });

  it("csvSource gives the first row of a slow stream as soon as it is there", async () => {
    const { readable, writable } = new TransformStream<string>();
    const reader = csvSource(readable).getReader();
    const writer = writable.getWriter();
    void writer.write("a,b\n1,2\n3,4\n").catch(() => undefined);
    expect((await reader.read()).value).toEqual({ a: "1", b: "2" });
    await reader.cancel();
  });

  it("cells that are written unquoted with stray quotes come back as they were", async () => {
    const text = string({ unit: constantFrom("a", '"', " ", "é", "'"), minLength: 1 }).map(
      (cell) => `x${cell}`,
    );
    await assert(
      asyncProperty(
        array(text, { minLength: 2, maxLength: 5 }),
        array(array(text, { minLength: 5, maxLength: 5 })),
        async (header, rows) => {
          const columns = [...new Set(header)];
          const lines = [columns, ...rows.map((cells) => cells.slice(0, columns.length))];
          const { rows: found } = await read([`${lines.map((cells) => cells.join(",")).join("\n")}\n`]);
          expect(found).toEqual(toRows(lines));
        },
      ),
    );
  });
});

describe("the layout of a source", () => {
  it.each([
    ["\uFEFFa;b\r\n1;2\r\n", { delimiter: ";", recordDelimiter: "\r\n", byteOrderMark: true }],
    ["a,b\n1,2\r\n", { delimiter: ",", recordDelimiter: "\n", byteOrderMark: false }],
    ["a\tb\r\n", { delimiter: "\t", recordDelimiter: "\r\n", byteOrderMark: false }],
    ["a", { delimiter: ",", recordDelimiter: "\n", byteOrderMark: false }],
  ])("the layout of %j is found", async (text, layout) => {
    expect(await csvSource(sourceOf([text])).layout()).toEqual(layout);
  });
});
