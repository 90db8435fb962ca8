import { setCell, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { dedupe, dedupeStream, type DedupeOptions } from "./index.ts";

describe("dedupe", () => {
  it("dedupe keeps the first of equal rows, whatever the order of keys", () => {
    const rows = [{ a: 1, b: { c: 1, d: 2 } }, { a: 1 }, { b: { d: 2, c: 1 }, a: 1 }, { a: "1" }, { a: 1 }];
    expect([...dedupe<Row>(rows)]).toEqual([rows[0], rows[1], rows[3]]);
  });

  it("dedupe tells integers beyond 2^53 apart by every digit", () => {
    const id = 2n ** 60n;
    const rows = [
      { id },
      { id: id + 1n },
      { id: 2 ** 60 },
      { id: String(id) },
      { id: { deep: [id] } },
      { id },
    ];
    expect([...dedupe<Row>(rows)]).toEqual([rows[0], rows[1], rows[3], rows[4]]);
  });

  it("dedupe compares by the columns of the option by, of which a missing one counts as null", () => {
    const rows = [{ a: 1, b: 1 }, { a: 1, b: 2 }, { b: 3 }, { a: null, b: 4 }, { a: 2, b: 5 }];
    expect([...dedupe<Row>(rows, { by: ["a"] })]).toEqual([rows[0], rows[2], rows[4]]);
  });

  it("dedupe forgets the row first seen longest ago when it knows maxKeys rows", () => {
    const names = (text: string, maxKeys: number): string =>
      [
        ...dedupe(
          text.split("").map((name) => ({ name })),
          { maxKeys },
        ),
      ]
        .map(({ name }) => name)
        .join("");
    expect(names("abcabc", 3)).toBe("abc");
    // "a" is known when it comes again, which does not make it younger: "d" makes it forgotten.
    expect(names("abcadabcd", 3)).toBe("abcdabcd");
    expect(names("aabba", 1)).toBe("aba");
  });

  it("dedupe forgets no row before maxKeys are known, however often its table grows", () => {
    function* numbers(count: number): Generator<{ n: number }> {
      for (let n = 0; n < count; n++) yield { n };
      for (let n = 0; n < count; n++) yield { n };
    }
    expect([...dedupe(numbers(20_000), { maxKeys: 20_000 })]).toHaveLength(20_000);
    expect([...dedupe(numbers(20_000), { maxKeys: 19_999 })]).toHaveLength(40_000);
  });

  it("dedupe leaves rows that are all different as they are", () => {
    const row = fc.dictionary(fc.constantFrom("a", "b", "__proto__"), fc.jsonValue({ maxDepth: 1 }), {
      maxKeys: 2,
    });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const once = [...dedupe<Row>(rows)];
        expect([...dedupe(once)]).toEqual(once);
      }),
    );
  });

  it("dedupe tells columns named __proto__ and constructor apart", () => {
    const rows = ["__proto__", "constructor", "__proto__"].map((name, position) => {
      const row: Row = {};
      setCell(row, name, position === 1 ? 1 : 0);
      return row;
    });
    expect([...dedupe(rows)]).toEqual([rows[0], rows[1]]);
    expect([...dedupe(rows.slice(0, 1), { by: ["__proto__"] })]).toHaveLength(1);
  });

  it("dedupe fails when the first row lacks a column to compare by", () => {
    expect(() => [...dedupe<Row>([{ a: 1 }], { by: ["toString"] })]).toThrow(
      expect.objectContaining({ code: "MISSING_COLUMN", column: "toString", option: "by" }),
    );
  });

  it.each<[option: string, options: object]>([
    ["by", { by: "a" }],
    ["maxKeys", { maxKeys: 0 }],
    ["maxKeys", { maxKeys: 2 ** 27 }],
  ])("dedupe refuses a wrong option: %s", (option, options) => {
    const refusal = expect.objectContaining({ code: "INVALID_OPTION", option });
    expect(() => dedupe([], options as DedupeOptions)).toThrow(refusal);
    expect(() => dedupeStream(options as DedupeOptions)).toThrow(refusal);
  });
});

describe("dedupeStream", () => {
  testStage<Row, Row>(it, {
    // An endless source that repeats three rows gives no more than three.
    stage: () => dedupeStream({ by: ["id"], maxKeys: 2 }),
    inputs: [{ id: 1 }, { id: 1, x: 2 }, { id: 2 }, { id: 3 }],
    outputs: [{ id: 1 }, { id: 2 }, { id: 3 }],
  });

  it("dedupeStream takes the row type from the source", async () => {
    const source = sourceOf([{ id: 1, text: "a" }]);
    const rows = source.pipeThrough(dedupeStream({ by: ["id"] }));
    expectTypeOf(rows).toEqualTypeOf<ReadableStream<{ id: number; text: string }>>();
    expect(await readAll(rows)).toHaveLength(1);
    // @ts-expect-error No such column
    expectTypeOf(() => sourceOf([{ id: 1 }]).pipeThrough(dedupeStream({ by: ["idd"] }))).toBeFunction();
  });
});
