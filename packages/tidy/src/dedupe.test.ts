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
    ["near", { near: 0.4 }],
    ["near", { near: 90 }],
    ["except", { except: "a" }],
    ["onDuplicate", { onDuplicate: true }],
  ])("dedupe refuses a wrong option: %s", (option, options) => {
    const refusal = expect.objectContaining({ code: "INVALID_OPTION", option });
    expect(() => dedupe([], options as DedupeOptions)).toThrow(refusal);
    expect(() => dedupeStream(options as DedupeOptions)).toThrow(refusal);
  });
});

describe("dedupe of nearly equal rows", () => {
  const near = (texts: readonly string[], options: DedupeOptions<{ text: string }> = {}): string[] =>
    [
      ...dedupe(
        texts.map((text) => ({ text })),
        { near: 0.8, ...options },
      ),
    ].map(({ text }) => text);
  const LONG =
    "Parrots are birds with a strong curved bill, an upright stance, strong legs, and clawed feet that can grip.";

  it("dedupe leaves out a text that is nearly an earlier one, and keeps what is about something else", () => {
    const other =
      "Ravens are birds with a large straight beak, black feathers, and a voice that carries far.";
    expect(
      near([LONG, `${LONG} Indeed.`, other, LONG.replace("strong legs", "strong feet"), "", "Hi"]),
    ).toEqual([LONG, other, "", "Hi"]);
  });

  it("dedupe takes texts for equal but for case, punctuation and spaces at a likeness of 1", () => {
    const kept = near(["What is it?", "what  is it", "WHAT IS IT!", "What was it?"], { near: 1 });
    expect(kept).toEqual(["What is it?", "What was it?"]);
  });

  it("dedupe tells of each row that it leaves out whether it is equal to an earlier one or nearly", () => {
    const told: [string, string][] = [];
    near([LONG, LONG, `${LONG}!!`], { onDuplicate: ({ text }, kind) => told.push([text, kind]) });
    expect(told).toEqual([
      [LONG, "equal"],
      [`${LONG}!!`, "near"],
    ]);
  });

  it("dedupe finds texts by their likeness, as counted from all of their shingles, also when its tables have grown", () => {
    const random = words();
    const originals = Array.from({ length: 3000 }, () => Array.from({ length: 40 }, random).join(" "));
    const changed = originals.map((text, index) => {
      const cells = text.split(" ");
      for (let count = 0; count < (index % 2 === 0 ? 1 : 16); count++) cells[count * 2] = random();
      return cells.join(" ");
    });
    const kept = new Set(near([...originals, ...changed], { near: 0.8 }));
    expect(originals.filter((text) => !kept.has(text))).toEqual([]);
    const wrong = changed.filter((text, index) => {
      const likeness = likenessOf(text, originals[index] ?? "");
      // The estimate has a standard deviation of 0.035 there.
      return kept.has(text) ? likeness > 0.92 : likeness < 0.68;
    });
    expect(wrong).toEqual([]);
    expect(kept.size).toBeGreaterThan(4400);
    expect(kept.size).toBeLessThan(4600);
  });

  it("dedupe forgets the text added longest ago when it knows maxKeys of them, and tells so", () => {
    const texts = ["one thing", "another matter", "a third subject"];
    let forgotten = 0;
    const kept = near([...texts, "One thing!", "A third subject?"], {
      maxKeys: 2,
      onForget: () => (forgotten += 1),
    });
    expect(kept).toEqual([...texts, "One thing!"]);
    expect(forgotten).toBeGreaterThan(0);
  });

  it("dedupe compares a text with so many others at most, and tells of those with which it had more in common", () => {
    const random = words();
    const template = `${LONG} Most of them live in warm countries, eat seeds and fruit, and learn to speak.`;
    const texts = Array.from(
      { length: 4000 },
      () => `${template} ${Array.from({ length: 5 }, random).join(" ")}`,
    );
    let partly = 0;
    const kept = near([...texts, texts.at(-1)?.toUpperCase() ?? ""], {
      near: 0.9,
      onPartlyCompared: () => (partly += 1),
    });
    expect(kept).toEqual(texts);
    expect(partly).toBeGreaterThan(0);
    expect(partly).toBeLessThan(4000);
  });

  /** Likeness as it is defined, without estimates. */
  function likenessOf(one: string, other: string): number {
    const [first, second] = [shingles(one), shingles(other)];
    const common = [...first].filter((shingle) => second.has(shingle)).length;
    return common / (first.size + second.size - common);
  }

  function shingles(text: string): Set<string> {
    return new Set(Array.from({ length: text.length - 4 }, (_, start) => text.slice(start, start + 5)));
  }

  /** Words of six letters, the same in every run. */
  function words(): () => string {
    let state = 1;
    const letter = (): string => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return String.fromCodePoint(97 + ((state >>> 16) % 26));
    };
    return () => Array.from({ length: 6 }, letter).join("");
  }
});

describe("what dedupe compares", () => {
  it("dedupe does not compare the columns of the option except", () => {
    const rows = [
      { id: 1, q: "a" },
      { id: 2, q: "a" },
      { id: 3, q: "b" },
    ];
    expect([...dedupe(rows, { except: ["id"] })]).toEqual([rows[0], rows[2]]);
    expect([...dedupe(rows, { by: ["id", "q"], except: ["id"] })]).toEqual([rows[0], rows[2]]);
  });

  it("dedupe takes rows of which the first lacks a column of the option by without checkFirstRow", () => {
    const rows: Row[] = [{ id: 1 }, { id: 2, q: "a" }, { id: 3, q: "a" }];
    expect([...dedupe(rows, { by: ["q"], checkFirstRow: false })]).toEqual(rows.slice(0, 2));
  });

  it("dedupe keeps all rows without a value to compare with keepNulls", () => {
    const rows: Row[] = [{ id: 1, q: null }, { id: 2 }, { id: 3, q: "" }, { id: 4, q: "" }];
    const options = { by: ["q"], keepNulls: true };
    expect([...dedupe(rows, options)]).toEqual(rows.slice(0, 3));
  });

  it("dedupe tells of each row that it forgets", () => {
    let forgotten = 0;
    const rows = [1, 2, 3, 4, 4].map((n) => ({ n }));
    expect([...dedupe(rows, { maxKeys: 2, onForget: () => (forgotten += 1) })]).toHaveLength(4);
    expect(forgotten).toBe(2);
  });
});

describe("dedupeStream", () => {
  testStage<Row, Row>(it, {
    // An endless source that repeats three rows gives no more than three.
    stage: () => dedupeStream({ by: ["id"], maxKeys: 2 }),
    inputs: [{ id: 1 }, { id: 1, x: 2 }, { id: 2 }, { id: 3 }],
    outputs: [{ id: 1 }, { id: 2 }, { id: 3 }],
  });

  describe("with nearly equal rows", () => {
    testStage<Row, Row>(it, {
      stage: () => dedupeStream({ near: 0.9, maxKeys: 2 }),
      inputs: [{ a: "What is it?" }, { a: "what is it" }, { a: "Who is he?" }],
      outputs: [{ a: "What is it?" }, { a: "Who is he?" }],
    });
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
