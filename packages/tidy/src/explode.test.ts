import { NO_USAGE, type Failed, type Parsed, type Row } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { explode, type ExplodeOptions } from "./index.ts";

function parsed(row: Row, outputs: readonly (readonly Row[])[], columns: readonly string[] = []): Parsed {
  return { index: 3, row, outputs, columns, warnings: [] };
}

function failed(row: Row = { id: 1 }): Failed {
  const failure = {
    stage: "transport",
    code: "TIMEOUT",
    message: "No answer",
    attempts: 2,
    usage: NO_USAGE,
  } as const;
  return { index: 3, row, failure };
}

const rows = (item: Parsed | Failed, options: ExplodeOptions = {}): unknown[] => [...explode(item, options)];
/** Columns with their order. */
const entries = (item: Parsed, options: ExplodeOptions = {}): unknown =>
  [...explode(item, options)].map((row) => Object.entries(row));

describe("explode", () => {
  it("explode gives one row for each output of each choice, input columns first", () => {
    const item = parsed({ id: 1, text: "x" }, [[{ q: "a" }, { q: "b" }], [], [{ q: "c", note: 1 }]]);
    expect(entries(item)).toEqual([
      [
        ["id", 1],
        ["text", "x"],
        ["q", "a"],
      ],
      [
        ["id", 1],
        ["text", "x"],
        ["q", "b"],
      ],
      [
        ["id", 1],
        ["text", "x"],
        ["q", "c"],
        ["note", 1],
      ],
    ]);
  });

  it.each<[keep: ExplodeOptions["keep"], expected: Row]>([
    ["all", { id: 1, text: "x", q: "a" }],
    ["none", { q: "a" }],
    [["text", "gone"], { text: "x", q: "a" }],
  ])("explode keeps the input columns %j", (keep = "all", expected) => {
    expect(rows(parsed({ id: 1, text: "x" }, [[{ q: "a" }]]), { keep })).toEqual([expected]);
  });

  it("explode lists each kind of warning once in the column of warnings", () => {
    const warnings = (["REPAIRED", "TRUNCATED", "REPAIRED"] as const).map((code) => ({
      code,
      message: code,
    }));
    const item = { ...parsed({ id: 1 }, [[{ q: "a" }, { q: "b" }]]), warnings };
    expect(rows(item, { keep: "none", lineage: { warnings: "notes" } })).toEqual([
      { q: "a", _row: 3, _choice: 0, _item: 0, notes: "REPAIRED,TRUNCATED" },
      { q: "b", _row: 3, _choice: 0, _item: 1, notes: "REPAIRED,TRUNCATED" },
    ]);
    expect(rows({ ...parsed({ id: 1 }, []), warnings }, { lineage: true })).toEqual([
      { id: 1, _row: 3, _choice: null, _item: null, _warnings: "REPAIRED,TRUNCATED" },
    ]);
  });

  it("the lineage of explode tells the position of the first of equal outputs", () => {
    const item = parsed({ id: 1 }, [
      [{ q: "a" }, { q: "a" }],
      [{ q: "a" }, { q: "b" }],
    ]);
    expect(rows(item, { lineage: true })).toEqual([
      { id: 1, q: "a", _row: 3, _choice: 0, _item: 0, _warnings: null },
      { id: 1, q: "b", _row: 3, _choice: 1, _item: 1, _warnings: null },
    ]);
    const lineage = { row: "from", item: "id" };
    expect(rows(item, { lineage })[1]).toEqual({
      id: 1,
      q: "b",
      from: 3,
      _choice: 1,
      id_2: 1,
      _warnings: null,
    });
    expect(rows(parsed({ _row: 9 }, [[{ _item: "a" }]]), { lineage: true })).toEqual([
      { _row: 9, _item: "a", _row_2: 3, _choice: 0, _item_2: 0, _warnings: null },
    ]);
    expect(rows(parsed({ id: 1 }, []), { lineage: true })).toEqual([
      { id: 1, _row: 3, _choice: null, _item: null, _warnings: null },
    ]);
  });

  it("explode leaves out equal outputs of a row, whatever the order of keys, unless dedupe is off", () => {
    const item = parsed({}, [[{ a: 1, b: { c: [1], d: 2 } }], [{ b: { d: 2, c: [1] }, a: 1 }, { a: 2 }]]);
    expect(rows(item)).toEqual([{ a: 1, b: { c: [1], d: 2 } }, { a: 2 }]);
    expect(rows(item, { dedupe: false })).toHaveLength(3);
  });

  it("explode applies mapCell to each cell of the outputs, before equal outputs are left out, and to no other cell", () => {
    const options = { mapCell: (cell: unknown) => String(cell).toUpperCase(), lineage: true } as const;
    const item = parsed({ id: "x" }, [[{ q: "a" }, { q: "A" }, { q: "b" }]], ["q"]);
    expect([...explode(item, options)].map(({ id, q, _item }) => [id, q, _item])).toEqual([
      ["x", "A", 0],
      ["x", "B", 2],
    ]);
    expect([...explode({ ...item, outputs: [] }, options)]).toMatchObject([{ id: "x", q: null }]);
  });

  it("explode gives a row of nulls, or none, for an item without outputs", () => {
    const item = parsed({ id: 1, q: "x" }, [[], []], ["q", "a"]);
    expect(rows(item)).toEqual([{ id: 1, q: "x", q_2: null, a: null }]);
    expect(rows(item, { columns: ["b"] })).toEqual([{ id: 1, q: "x", b: null }]);
    expect(rows(item, { empty: "drop" })).toEqual([]);
  });

  describe("on a collision of names", () => {
    const item = parsed({ q: "in", q_2: "in" }, [[{ q: 1, q_3: 2 }], [{ q: 3 }]]);

    it("explode adds the next free number to a name that collides, the same in all rows of an item", () => {
      expect(entries(item)).toEqual([
        [
          ["q", "in"],
          ["q_2", "in"],
          ["q_4", 1],
          ["q_3", 2],
        ],
        [
          ["q", "in"],
          ["q_2", "in"],
          ["q_4", 3],
        ],
      ]);
    });

    it("explode overwrites the cell of a name that collides, keeps it or fails, as the option collision says", () => {
      expect(rows(item, { collision: "overwrite" })[0]).toEqual({ q: 1, q_2: "in", q_3: 2 });
      expect(rows(item, { collision: "keep" })[0]).toEqual({ q: "in", q_2: "in", q_3: 2 });
      expect(() => rows(item, { collision: "error" })).toThrow(
        expect.objectContaining({
          code: "INVALID_OPTION",
          option: "collision",
          row: 3,
          column: "q",
          message: expect.stringMatching(/^Cannot add the column "q" to row 4: /),
        }),
      );
    });

    it("explode gives a column its own name where the column of the input is not kept", () => {
      expect(rows(item, { keep: ["q_2"], collision: "error" })[0]).toEqual({ q_2: "in", q: 1, q_3: 2 });
    });
  });

  describe("of a failed row", () => {
    it("explode throws for a failed row where onFailure is not given", () => {
      const error = expect.objectContaining({
        code: "ROW_FAILED",
        row: 3,
        message: "Cannot go on: row 4 failed (TIMEOUT): No answer",
      });
      expect(() => rows(failed())).toThrow(error);
      expect(() => rows(failed(), { onFailure: "throw" })).toThrow(error);
    });

    it("explode drops a failed row, gives it to a function, or keeps it with nulls", () => {
      expect(rows(failed(), { onFailure: "drop" })).toEqual([]);
      const onFailure = vi.fn<(item: Failed) => void>();
      const item = failed();
      expect(rows(item, { onFailure })).toEqual([]);
      expect(onFailure.mock.calls).toEqual([[item]]);
      const keep = (): "null" => "null";
      expect(rows(item, { onFailure: keep, columns: ["q"] })).toEqual(
        rows(item, { onFailure: "null", columns: ["q"] }),
      );
      expect(() => rows(failed(), { onFailure: () => "throw" })).toThrow(/row 4 failed \(TIMEOUT\)/);
      const told: Failed[] = [];
      expect(rows(item, { onFailure: (one: Failed) => told.push(one) })).toEqual([]);
      const kept = rows(failed(), { onFailure: "null", columns: ["id", "q"], lineage: true });
      expect(kept).toEqual([
        { id: 1, id_2: null, q: null, _row: 3, _choice: null, _item: null, _warnings: null },
      ]);
    });

    it("explode fails a row with more outputs than maxOutputsPerRow", () => {
      const item = parsed({ id: 1 }, [[{ q: 1 }, { q: 2 }], [{ q: 3 }]]);
      expect(rows(item, { maxOutputsPerRow: 3 })).toHaveLength(3);
      expect(() => rows(item, { maxOutputsPerRow: 2 })).toThrow(
        /TOO_MANY_OUTPUTS.*it has 3 outputs, and maxOutputsPerRow allows 2/,
      );
      expect(rows(item, { maxOutputsPerRow: 2, onFailure: "null", columns: ["q"] })).toEqual([
        { id: 1, q: null },
      ]);
    });
  });

  it.each<[option: string, options: object]>([
    ["keep", { keep: "some" }],
    ["keep", { keep: [1] }],
    ["lineage.row", { lineage: { row: 1 } }],
    ["dedupe", { dedupe: "yes" }],
    ["empty", { empty: "keep" }],
    ["collision", { collision: "rename" }],
    ["onFailure", { onFailure: "skip" }],
    ["columns", { onFailure: "null" }],
    ["columns", { columns: "q" }],
    ["maxOutputsPerRow", { maxOutputsPerRow: 0 }],
  ])("explode refuses a wrong option: %s", (option, options) => {
    expect(() => explode(parsed({}, []), options as ExplodeOptions)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }),
    );
  });

  it.each(["__proto__", "constructor", "toString"])(
    "explode keeps columns named %s, of input and output",
    (name) => {
      const row = Object.fromEntries([[name, "in"]]);
      const [exploded] = explode(
        parsed(row, [
          [
            Object.fromEntries([
              [name, "out"],
              ["q", 1],
            ]),
          ],
        ]),
        {
          lineage: { row: "__proto__" },
        },
      );
      const columns = name === "__proto__" ? "__proto___3" : "__proto__";
      expect(Object.entries(exploded ?? {})).toEqual([
        [name, "in"],
        [`${name}_2`, "out"],
        ["q", 1],
        [columns, 3],
        ["_choice", 0],
        ["_item", 0],
        ["_warnings", null],
      ]);
      expect(Object.getPrototypeOf(exploded)).toBe(Object.prototype);
      expect(entries(parsed(row, [[]], [name]), { keep: [name] })).toEqual([
        [
          [name, "in"],
          [`${name}_2`, null],
        ],
      ]);
    },
  );

  it("explode gives as many rows as there are outputs", () => {
    // Keys such as "0" come first in any object.
    const column = fc.string().map((name) => `c${name}`);
    const row = fc.dictionary(column, fc.jsonValue());
    const outputs = fc.array(fc.array(row));
    fc.assert(
      fc.property(row, outputs, (row, outputs) => {
        const exploded = [...explode(parsed(row, outputs), { dedupe: false, empty: "drop" })];
        expect(exploded).toHaveLength(outputs.flat().length);
        for (const [number, output] of outputs.flat().entries()) {
          const cells = Object.values(exploded[number] ?? {});
          expect(cells).toEqual([...Object.values(row), ...Object.values(output)]);
        }
      }),
    );
  });

  it("explode infers the type of its rows", () => {
    type Doc = { id: number; q: string };
    type Answer = { q: string; score: number };
    const item: Parsed<Doc, Answer> = {
      index: 0,
      row: { id: 1, q: "x" },
      outputs: [],
      columns: [],
      warnings: [],
    };
    expectTypeOf(explode(item)).toEqualTypeOf<
      Generator<{ id: number; q: string; q_2: string | null; score: number | null }>
    >();
  });
});
