import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import { csvSource, tsvSource } from "../index.ts";

const csv = (text: string, options = {}) => readAll(csvSource(sourceOf([text]), options));

describe("csvSource", () => {
  it.each([
    ["line ends of Unix", "a,b\n1,2\n3,4\n"],
    ["line ends of Windows", "a,b\r\n1,2\r\n3,4\r\n"],
    ["line ends of old Macs", "a,b\r1,2\r3,4\r"],
    ["mixed line ends", "a,b\r\n1,2\n3,4"],
    ["no last line end", "a,b\n1,2\n3,4"],
    ["blank lines", "\n\na,b\n\n1,2\r\n\r\n3,4\n\n"],
    ["quotes that need not be", '"a","b"\n"1","2"\n"3","4"\n'],
    ["a byte order mark", "\uFEFFa,b\n1,2\n3,4\n"],
    ["a byte order mark before a quote", '\uFEFF"a",b\n1,2\n3,4\n'],
  ])("csvSource reads %s", async (_, text) => {
    expect(await csv(text)).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
  });

  it("csvSource keeps delimiters, quotes, line ends and spaces inside a cell", async () => {
    expect(await csv('a,b\n"x,""y""\r\nz\n", w \n')).toEqual([{ a: 'x,"y"\r\nz\n', b: " w " }]);
  });

  it("csvSource reads one column, and an empty cell where it is quoted", async () => {
    expect(await csv('a\n1\n""\n\n2\n')).toEqual([{ a: "1" }, { a: "" }, { a: "2" }]);
  });

  it("csvSource gives no rows for a header alone, and its columns", async () => {
    const source = csvSource(sourceOf(["name,2020,10\n"]));
    expect(await source.columns()).toEqual(["name", "2020", "10"]);
    expect(await readAll(source)).toEqual([]);
  });

  it("csvSource loses no row when the columns are asked for, before or meanwhile", async () => {
    const source = csvSource(sourceOf(["a", ",b\n1", ",2\n3,4", "\n5,6"]));
    const reader = source.getReader();
    const first = reader.read();
    expect(await source.columns()).toEqual(["a", "b"]);
    expect(await first).toEqual({ done: false, value: { a: "1", b: "2" } });
    expect((await reader.read()).value).toEqual({ a: "3", b: "4" });
    expect(await source.columns()).toEqual(["a", "b"]);
    expect((await reader.read()).value).toEqual({ a: "5", b: "6" });
    expect((await reader.read()).done).toBe(true);
  });

  it("csvSource keeps columns called __proto__, constructor and toString", async () => {
    const [row = {}] = await csv("__proto__,constructor,toString\n1,2,3\n");
    expect(Object.entries(row)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["toString", "3"],
    ]);
  });

  it.each([
    ["a,,b,", ["a", "column_2", "b", "column_4"]],
    [",column_1", ["column_1_2", "column_1"]],
    ["a,a,a", ["a", "a_2", "a_3"]],
    ["a,a,a_2", ["a", "a_3", "a_2"]],
    ["__proto__,__proto__", ["__proto__", "__proto___2"]],
  ])("csvSource names the columns of %s", async (header, columns) => {
    expect(await csvSource(sourceOf([header])).columns()).toEqual(columns);
  });

  it("csvSource refuses a header name that comes twice, when asked to", async () => {
    await expect(csv("\na,b,a\n1,2,3\n", { duplicateHeaders: "error" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      line: 2,
      message: 'Cannot read the input, line 2: the header names "a" twice, in columns 1 and 3',
    });
  });

  it("csvSource fills short rows unless asked not to, but never drops a cell", async () => {
    expect(await csv("a,b,c\n1\n1,2\n")).toEqual([
      { a: "1", b: "", c: "" },
      { a: "1", b: "2", c: "" },
    ]);
    await expect(csv("a,b,c\n1,2,3\n1\n", { ragged: "error" })).rejects.toMatchObject({
      line: 3,
      option: "ragged",
    });
    await expect(csv("a,b\n1,2,3\n")).rejects.toMatchObject({ line: 2 });
  });

  it.each([
    ["too many cells", "a,b\n1,2\n3,4,5\n", 3, /expected 2 cells, got 3; .*"," must be in quotes/],
    ["a long row after blank lines and cells of many lines", 'a,b\n\n"x\ny\r\nz",2\n\n3,4,5\n', 7, /got 3/],
    [
      "an unclosed quote",
      'a,b\n1,2\n3,"4\n5,6\n7,8\n',
      3,
      /line 3: a quote in the row that starts here is never closed/,
    ],
    ["text behind a quote", 'a,b\n1,"x"y\n', 2, /text after the closing quote.*quotes: false/],
  ])("csvSource refuses %s", async (_, text, line, message) => {
    await expect(csv(text)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      line,
      message: expect.stringMatching(message),
    });
  });

  it("csvSource gives out the rows before a fault", async () => {
    const reader = csvSource(sourceOf(["a,b\n1,2\n3,4,5\n5,6\n"])).getReader();
    expect((await reader.read()).value).toEqual({ a: "1", b: "2" });
    await expect(reader.read()).rejects.toMatchObject({ line: 3 });
  });

  it("csvSource takes quotes as characters when asked to", async () => {
    expect(await csv('a,b\n5" disk,"x\n', { quotes: false })).toEqual([{ a: '5" disk', b: '"x' }]);
  });

  it("csvSource takes another delimiter, and refuses what cannot be one", async () => {
    expect(await csv("a;b\n1,5;2\n", { delimiter: ";" })).toEqual([{ a: "1,5", b: "2" }]);
    for (const delimiter of ["", '"', "\n", "::"]) {
      expect(() => csvSource("x.csv", { delimiter })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", option: "delimiter" }),
      );
    }
  });
});

describe("tsvSource", () => {
  it("tsvSource reads cells between tabs", async () => {
    const rows = await readAll(tsvSource(sourceOf(['a\tb\n1,5\t"x\ty"\n'])));
    expect(rows).toEqual([{ a: "1,5", b: "x\ty" }]);
  });
});
