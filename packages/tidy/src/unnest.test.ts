import { setCell, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unnest, unnestStream, type UnnestOptions, type UnnestStreamOptions } from "./index.ts";

describe("unnest", () => {
  it.each<[what: string, row: Row, options: UnnestOptions, expected: Row]>([
    [
      "objects in their place",
      { id: 1, a: { b: 1, c: { d: 2 } }, z: 9 },
      {},
      { id: 1, "a.b": 1, "a.c.d": 2, z: 9 },
    ],
    ["one column", { a: { b: { c: 1 } }, d: { e: 1 } }, { column: "a" }, { "a.b.c": 1, d: { e: 1 } }],
    ["so many levels", { a: { b: { c: { d: 1 } } } }, { depth: 2 }, { "a.b.c": { d: 1 } }],
    ["with another separator", { a: { b: 1 } }, { separator: "__" }, { a__b: 1 }],
    [
      "no lists or empty objects",
      { a: { b: [{ c: 1 }], d: {}, e: null } },
      {},
      { "a.b": [{ c: 1 }], "a.d": {}, "a.e": null },
    ],
    ["bigints", { a: { b: 2n ** 60n } }, {}, { "a.b": 2n ** 60n }],
    ["no instances", { a: { at: new Date(0) } }, {}, { "a.at": new Date(0) }],
    ["beside a column of that name", { a: { b: 1 }, "a.b": 2 }, {}, { "a.b_2": 1, "a.b": 2 }],
    ["twice to one name", { a: { "b.c": 1, b: { c: 2 } } }, {}, { "a.b.c": 1, "a.b.c_2": 2 }],
  ])("unnest takes apart %s", (_what, row, options, expected) => {
    expect(Object.entries(unnest(row, options))).toEqual(Object.entries(expected));
  });

  it.each(["__proto__", "constructor"])("unnest keeps parts named %s", (name) => {
    const row: Row = {};
    setCell(row, name, JSON.parse(`{"${name}":{"b":1},"c":2}`));
    setCell(row, "x", 3);
    expect(Object.entries(unnest(row))).toEqual([
      [`${name}.${name}.b`, 1],
      [`${name}.c`, 2],
      ["x", 3],
    ]);
    const leaf: Row = { a: { b: 1 } };
    setCell(leaf, name, "cell");
    expect(Object.entries(unnest(leaf))).toEqual([
      ["a.b", 1],
      [name, "cell"],
    ]);
  });

  it("unnest takes very deep objects apart without overflowing the stack", () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    expect(Object.keys(unnest({ deep }))).toEqual([`deep${".a".repeat(32)}`]);
    expect(Object.keys(unnest({ deep }, { depth: 1000 }))).toEqual([`deep${".a".repeat(1000)}`]);
  });

  it("unnest keeps every cell of a row, whatever its names are", () => {
    const object = fc.dictionary(fc.constantFrom("a", "b", "a.b", "a_2"), fc.integer(), { minKeys: 1 });
    const cell = fc.oneof(object, fc.integer());
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b", "a.b", "a.a", "a.b_2"), cell), (row) => {
        const cells = Object.values(row).flatMap((cell) =>
          typeof cell === "object" ? Object.values(cell) : cell,
        );
        expect(Object.values(unnest(row))).toEqual(cells);
      }),
    );
  });

  it.each<[option: string, options: object]>([
    ["column", { column: 1 }],
    ["separator", { separator: null }],
    ["depth", { depth: 0 }],
    ["depth", { depth: 1001 }],
  ])("unnest refuses a wrong option: %s", (option, options) => {
    expect(() => unnest({}, options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
  });
});

describe("unnestStream", () => {
  testStage<Row, Row>(it, {
    stage: () => unnestStream({ separator: "/" }),
    inputs: [{ a: { b: 1 } }, { a: 2 }, { c: { d: 3 } }],
    outputs: [{ "a/b": 1 }, { a: 2 }, { "c/d": 3 }],
  });

  it("unnestStream fails the run when the first row lacks the column, unless checkFirstRow is off", async () => {
    const rows = [{ author: { name: "x" } }];
    const unnested = (options: UnnestStreamOptions): Promise<Row[]> =>
      readAll(sourceOf<Row>(rows).pipeThrough(unnestStream(options)));
    await expect(unnested({ column: "auther" })).rejects.toMatchObject({
      code: "MISSING_COLUMN",
      message: expect.stringContaining('no column "auther" (did you mean "author"?)'),
    });
    expect(await unnested({ column: "auther", checkFirstRow: false })).toEqual(rows);
    expect(await unnested({ column: "author" })).toEqual([{ "author.name": "x" }]);
  });
});
