import { isParrotError, parseJson, setCell, type Row } from "@parallel-parrot/core";
import { testStage } from "@parallel-parrot/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { compileCondition, where, whereStream } from "../index.ts";

/** As CSV has it: every cell is a text. */
const ADA: Row = {
  name: "Ada",
  "first name": "Ada",
  größe: "1.70",
  age: "9",
  zip: "01234",
  date: "2024-05-01",
  flag: "False",
  empty: "",
  unknown: "n/a",
  class: "A",
};

/** As JSON has it. */
const JSON_ROW: Row = {
  id: 12_345_678_901_234_567_891n,
  n: 12,
  flag: true,
  tags: ["a", "b"],
  meta: { lang: "de", "full name": "x" },
  "meta.lang": undefined,
  none: null,
  nan: Number.NaN,
};
delete JSON_ROW["meta.lang"];

const isTrue = (condition: string, row: Row): boolean => compileCondition(condition).test(row).isTrue;

describe("a condition on text", () => {
  it.each([
    ["a number in quotes or not is compared as one with <", "age < 18 && age < '18' && !(age > 18)"],
    ["two texts are equal letter by letter", 'zip == "01234" && zip != "1234" && größe != "1.7"'],
    ["a text equals the number that it is written as", "zip == 1234 && größe == 1.7 && age == 9.0"],
    ["texts that are no numbers are in the order of letters", 'date >= "2024-01-01" && name < "Bob"'],
    ["a column with a space stands in backticks", '`first name` == "Ada"'],
    ["a column called like a word of JavaScript stands in backticks", '`class` == "A"'],
    ["a word of true or false is one", "!flag && flag == false && flag != true"],
    [
      "an empty cell is in no order, and equal to an empty text alone",
      'empty == "" && !(empty < 3) && !(empty >= 0) && empty != null',
    ],
    ["calculates with texts of numbers", "age * 2 + 1 == 19 && age / 2 > 4.4 && age % 2 == 1 && -age < 0"],
    ["is one of a list", 'name in ["Bob", "Ada"] && age in [9, 10] && !(name in [])'],
    [
      "calls functions",
      'length(name) == 3 && lower(name) == "ada" && upper(name) == "ADA" && trim("  a ") == "a"',
    ],
    [
      "finds parts",
      'contains(name, "d") && startsWith(name, "A") && endsWith(name, "a") && !contains(name, "x")',
    ],
    ["tells what is empty", "isEmpty(empty) && isEmpty('  ') && !isEmpty(name) && isEmpty(missing)"],
    ["makes numbers and texts", 'number(age) == 9 && number(name) == null && text(zip) == "01234"'],
    ["joins by and, or and not", '!(age > 18) && (age > 18 || name == "Ada")'],
  ])("a condition on text: %s", (_, condition) => {
    expect(compileCondition(condition).test(ADA)).toEqual({ isTrue: true, isOdd: false });
  });

  it("a condition compares numbers with all of their digits", () => {
    const row = { id: "9007199254740993", small: "0.1" };
    expect(isTrue("id == 9007199254740993 && id > 9007199254740992", row)).toBe(true);
    expect(isTrue("id == 9007199254740992", row)).toBe(false);
    expect(isTrue("id > 0.5 && small < 1", row)).toBe(true);
  });
});

describe("a condition on cells of other types", () => {
  it.each([
    ["a long id", "id == 12345678901234567891 && id > 12345678901234567890"],
    ["numbers and texts of numbers", 'n == 12 && n == "12" && n < "13"'],
    ["true and false", "flag && flag == true && flag == 'true'"],
    ["lists", '"a" in tags && contains(tags, "b") && length(tags) == 2 && tags[1] == "b"'],
    ["members of objects", 'meta.lang == "de" && meta["full name"] == "x"'],
    ["null, missing and NaN", "none == null && missing == null && nan == null && !(none > 1) && none != 0"],
  ])("a condition on cells of other types: %s", (_, condition) => {
    expect(compileCondition(condition).test(JSON_ROW)).toEqual({ isTrue: true, isOdd: false });
  });

  it("a condition takes a column that is called like a path for that column", () => {
    expect(isTrue('meta.lang == "en"', { "meta.lang": "en", meta: { lang: "de" } })).toBe(true);
  });

  it("a condition compares a number that is kept as it was written", () => {
    const row = parseJson('{"price":0.1000000000000000055}', { numbers: "written" }) as Row;
    expect(isTrue("price > 0 && price < 0.2", row)).toBe(true);
  });

  it("a condition reads a column called __proto__", () => {
    const row: Row = {};
    setCell(row, "__proto__", "x");
    expect(isTrue('__proto__ == "x"', row)).toBe(true);
  });
});

describe("what a condition cannot reach", () => {
  it.each([
    "constructor == null",
    "meta.constructor == null",
    "meta.__proto__ == null",
    "__proto__ == null",
    "tags.length == null",
    "tags.at == null",
    "toString == null",
    "process == null && globalThis == null",
  ])("a condition sees own cells alone: %s", (condition) => {
    expect(isTrue(condition, JSON_ROW)).toBe(true);
  });

  it.each([
    'fetch("x")',
    "toString()",
    "meta.toString()",
    "length.constructor('return 1')()",
    'constructor.constructor("return process")()',
    "(() => 1)()",
    "new Date()",
    'import("node:fs")',
    "`${name}`",
    "name = 1",
    "name++",
    "delete name",
    "typeof name == 'x'",
    "name ? 1 : 2",
    "{ a: 1 }",
    "[...tags]",
    "/(a+)+$/ == name",
    "meta?.lang",
    "this",
    "a, b",
    "2 ** 9",
    "name ?? 1",
    "#x in meta",
    "10n == n",
    "010 == 8",
    "0x10 == 16",
    "super.x",
    "await x",
    "name == 1 // comment",
    "async () => {}",
    "class {}",
    "tag`x`",
  ])("a condition is refused that is more than comparing and calculating: %s", (condition) => {
    expect(() => compileCondition(condition)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "condition" }),
    );
  });

  it("a condition is refused that is nested too deep or too long, however it is nested", () => {
    for (const text of [
      "(".repeat(50_000),
      `${"(".repeat(2000)}a${")".repeat(2000)} == 1`,
      `a == 1${" || a == 1".repeat(600)}`,
      `${"!".repeat(20_000)}a`,
      `a${".b".repeat(40_000)}`,
      `a == "${"x".repeat(100_001)}"`,
      "[".repeat(20_000),
    ]) {
      let code: unknown = "INVALID_OPTION";
      try {
        compileCondition(text);
      } catch (error) {
        code = isParrotError(error) ? error.code : error;
      }
      expect(code).toBe("INVALID_OPTION");
    }
  });

  it("a condition takes a list of thousands of values", () => {
    const ids = Array.from({ length: 5000 }, (_, id) => `"id ${id}"`).join(", ");
    expect(isTrue(`id in [${ids}]`, { id: "id 4999" })).toBe(true);
  });
});

describe("the message of a condition that cannot be read", () => {
  it.each([
    ["age = 1", "write == for equal"],
    ["age <> 1", "write != for not equal"],
    ["a > 1 and b > 1", "write && for and"],
    ["not a", "! for not"],
    ['name like "A%"', "use a function such as contains"],
    ["x is null", "compare with =="],
    ['class == "A"', "a column class stands in backticks: `class`"],
    ["first name == 1", "columns are names, or stand in backticks"],
    ["age >", "it ends too early"],
    ["", "it is empty"],
    ["len(name) > 3", "there is no function len; the functions are length, lower"],
    ["contains(name)", "expected contains(column, part)"],
    ["age > 18;", 'it cannot be read from ";" on'],
  ])("the message of the condition %j says what to write", (condition, message) => {
    expect(() => compileCondition(condition)).toThrow(message);
  });

  it("a condition that is neither true nor false is refused at the first row that it is asked for", () => {
    expect(() => isTrue("name", ADA)).toThrow("should be true or false is neither");
    expect(() => isTrue("age && flag", ADA)).toThrow("should be true or false is neither");
  });
});

describe("where", () => {
  afterEach(() => vi.restoreAllMocks());

  const rows = [{ age: "9" }, { age: "18" }, { age: "n/a" }, { age: "" }, { age: "70" }];

  it("where keeps the rows for which a text or a function is true", () => {
    expect([...where(rows, "age >= 18", { onIncomparable: () => undefined })]).toEqual([rows[1], rows[4]]);
    expect([...where(rows, ({ age }) => age === "9")]).toEqual([rows[0]]);
  });

  it("where tells of each row in which it cannot compare, and not of an empty one", () => {
    const odd: Row[] = [];
    expect([...where(rows, "!(age >= 18)", { onIncomparable: (row) => odd.push(row) })]).toHaveLength(3);
    expect(odd).toEqual([rows[2]]);
  });

  it("where without a function for such rows warns once, with their number", () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    expect([...where([...rows, { age: "old" }], "age >= 18")]).toHaveLength(2);
    expect(warn.mock.calls).toEqual([[expect.stringContaining("2 rows"), "ParrotWarning"]]);
  });

  it("where fails at the first row where a column is misspelt, unless rows differ", () => {
    expect(() => [...where(rows, "ages >= 18")]).toThrow(
      expect.objectContaining({
        code: "MISSING_COLUMN",
        column: "ages",
        message: expect.stringContaining('did you mean "age"?'),
      }),
    );
    expect([...where<Row>([{ b: 1 }, { a: 1 }], "a == 1", { checkFirstRow: false })]).toEqual([{ a: 1 }]);
    expect([...where<Row>([{ meta: { lang: "de" } }], 'meta.lang == "de"')]).toHaveLength(1);
  });

  it("where says at once what is wrong with a condition of one very long word", () => {
    // To look for the beginning of the word from each of its letters took half a minute, longer than a test may take.
    const condition = `${"a".repeat(99_000)} and b`;
    expect(() => [...where([], condition)]).toThrow(/write && for and/);
  });

  it("where refuses a condition that is neither a text nor a function", () => {
    expect(() => where([], JSON.parse("7"))).toThrow(expect.objectContaining({ option: "condition" }));
  });
});

describe("whereStream", () => {
  testStage(it, {
    stage: () => whereStream<Row>("n > 1"),
    inputs: [{ n: 1 }, { n: 2 }, { n: 3 }],
    outputs: [{ n: 2 }, { n: 3 }],
    callbacks: {
      condition: (fail) => whereStream<Row>(fail),
      onIncomparable: (fail) => whereStream<Row>("n > 1 || n < true", { onIncomparable: fail }),
    },
  });
});
