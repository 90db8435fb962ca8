import { setCell, type Failed, type Row } from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  explodeColumn,
  explodeColumnStream,
  type ColumnWarning,
  type ExplodeColumnOptions,
  type ExplodeColumnStreamOptions,
} from "./index.ts";

const rows = (row: Row, options: Partial<ExplodeColumnOptions> = {}): Row[] => [
  ...explodeColumn(row, { column: "list", ...options }, 3),
];

afterEach(() => {
  vi.restoreAllMocks();
});

describe("explodeColumn", () => {
  it.each<[what: string, cell: unknown, expected: Row[]]>([
    [
      "objects",
      [{ q: 1 }, { a: 2 }],
      [
        { id: 1, z: 9, q: 1 },
        { id: 1, z: 9, a: 2 },
      ],
    ],
    [
      "objects as text",
      ' [{"q":1},{"a":2}] ',
      [
        { id: 1, z: 9, q: 1 },
        { id: 1, z: 9, a: 2 },
      ],
    ],
    [
      "scalars",
      '["a",2,null]',
      [
        { id: 1, list: "a", z: 9 },
        { id: 1, list: 2, z: 9 },
        { id: 1, list: null, z: 9 },
      ],
    ],
    [
      "both",
      ["a", { q: 1 }],
      [
        { id: 1, list: "a", z: 9 },
        { id: 1, z: 9, q: 1 },
      ],
    ],
    ["lists", "[[1,2]]", [{ id: 1, list: [1, 2], z: 9 }]],
    ["one object", '{"q":1}', [{ id: 1, z: 9, q: 1 }]],
    ["objects with the column's key", [{ list: 1 }], [{ id: 1, list: 1, z: 9 }]],
  ])("explodeColumn makes rows of %s", (_what, list, expected) => {
    const exploded = rows({ id: 1, list, z: 9 });
    expect(exploded.map((row) => Object.entries(row))).toEqual(expected.map((row) => Object.entries(row)));
  });

  it("explodeColumn keeps integers beyond 2^53 as bigints, or gives their text", () => {
    const row = { list: '[{"id":5},{"id":1234567890123456789,"deep":[9007199254740993]}]' };
    expect(rows(row)).toStrictEqual([
      { id: 5 },
      { id: 1_234_567_890_123_456_789n, deep: [9_007_199_254_740_993n] },
    ]);
    expect(rows(row, { longNumbers: "text" })).toStrictEqual([
      { id: 5 },
      { id: "1234567890123456789", deep: ["9007199254740993"] },
    ]);
  });

  it("explodeColumn applies mapCell to each cell of an element and to no other cell", () => {
    const mapCell = (cell: unknown): unknown => (typeof cell === "string" ? `<${cell}>` : cell);
    const row = { id: "1", q: "x", list: [{ q: "a", n: 1 }, "b"] };
    expect(rows(row, { mapCell })).toEqual([
      { id: "1", q: "x", q_2: "<a>", n: 1 },
      { id: "1", q: "x", list: "<b>" },
    ]);
    expect(rows({ ...row, list: [{ q: "a" }] }, { mapCell, collision: "overwrite" })).toEqual([
      { id: "1", q: "<a>" },
    ]);
    expect(rows({ id: "1", list: "" }, { mapCell })).toEqual([{ id: "1", list: null }]);
  });

  it("explodeColumn puts scalars into another column", () => {
    expect(rows({ id: 1, list: ["a"] }, { into: "tag" })).toEqual([{ id: 1, tag: "a" }]);
    expect(rows({ tag: 1, list: ["a"] }, { into: "tag" })).toEqual([{ tag: 1, tag_2: "a" }]);
  });

  it.each([[[]], ["[]"], [""], [" \n"], [null], [undefined], ["null"]])(
    "explodeColumn counts %j as empty",
    (list) => {
      expect(rows({ id: 1, list })).toEqual([{ id: 1, list: null }]);
      expect(rows({ id: 1, list }, { into: "tag" })).toEqual([{ id: 1, tag: null }]);
      expect(rows({ id: 1, list }, { columns: ["q", "id"] })).toEqual([{ id: 1, q: null, id_2: null }]);
      expect(rows({ id: 1, list }, { empty: "drop" })).toEqual([]);
    },
  );

  it("explodeColumn counts a row without the column as empty", () => {
    expect(rows({ id: 1 })).toEqual([{ id: 1, list: null }]);
  });

  it("explodeColumn gives all rows of a cell the same names where columns collide", () => {
    const row = { q: "in", list: [{ q: 1 }, { q: 2, q_2: 3 }] };
    expect(rows(row)).toEqual([
      { q: "in", q_3: 1 },
      { q: "in", q_3: 2, q_2: 3 },
    ]);
    expect(rows(row, { collision: "overwrite" })).toEqual([{ q: 1 }, { q: 2, q_2: 3 }]);
    expect(rows(row, { collision: "keep" })).toEqual([{ q: "in" }, { q: "in", q_2: 3 }]);
    expect(() => rows(row, { collision: "error" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", row: 3, column: "q" }),
    );
  });

  it.each<[cell: unknown, code: string, problem: RegExp]>([
    ["[1,", "INVALID_CELL", /JSON/],
    ["plain text", "INVALID_CELL", /JSON/],
    ["5", "INVALID_CELL", /expected a list or an object, got number/],
    [true, "INVALID_CELL", /expected a list or an object, got boolean/],
    [new Date(0), "INVALID_CELL", /expected a list or an object, got object/],
    [[1, 2, 3], "TOO_MANY_OUTPUTS", /it has 3 elements, and maxOutputsPerRow allows 2/],
  ])("explodeColumn fails the row whose cell is %j", (list, code, problem) => {
    const onFailure = vi.fn<(failed: Failed) => "drop">(() => "drop");
    const row = { id: 1, list };
    expect(rows(row, { onFailure, maxOutputsPerRow: 2 })).toEqual([]);
    expect(onFailure.mock.calls).toEqual([
      [{ index: 3, row, failure: expect.objectContaining({ stage: "tidy", code }) }],
    ]);
    expect(onFailure.mock.calls[0]?.[0].failure.message).toMatch(/^Cannot explode column "list" of row 4: /);
    expect(onFailure.mock.calls[0]?.[0].failure.message).toMatch(problem);
    expect(() => rows(row, { maxOutputsPerRow: 2 })).toThrow(
      expect.objectContaining({ code: "ROW_FAILED", row: 3 }),
    );
    const nulls = rows(row, { maxOutputsPerRow: 2, onFailure: "null", columns: ["q"] });
    expect(nulls).toEqual([{ id: 1, q: null }]);
    for (const onFailure of ["keep", (): "keep" => "keep"] as const)
      expect(rows(row, { maxOutputsPerRow: 2, onFailure })).toEqual([row]);
  });

  it.each(["__proto__", "constructor"])("explodeColumn keeps and explodes columns named %s", (name) => {
    const row: Row = {};
    setCell(row, name, "in");
    setCell(row, "list", `[{${JSON.stringify(name)}:"out"}]`);
    expect(rows(row).map((row) => Object.entries(row))).toEqual([
      [
        [name, "in"],
        [`${name}_2`, "out"],
      ],
    ]);
    setCell(row, name, '[{"q":1},"x"]');
    expect(rows(row, { column: name }).map((row) => Object.keys(row))).toEqual([
      ["list", "q"],
      [name, "list"],
    ]);
  });

  it.each<[option: string, options: object]>([
    ["column", { column: 1 }],
    ["into", { into: 1 }],
    ["collision", { collision: "rename" }],
    ["empty", { empty: "keep" }],
    ["columns", { columns: "q" }],
    ["onFailure", { onFailure: "skip" }],
    ["maxOutputsPerRow", { maxOutputsPerRow: 0.5 }],
  ])("explodeColumn refuses a wrong option: %s", (option, options) => {
    expect(() => rows({}, options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
  });
});

describe("explodeColumnStream", () => {
  testStage<Row, Row>(it, {
    stage: () => explodeColumnStream({ column: "list", onFailure: "drop" }),
    inputs: [{ list: "[1,2]" }, { list: "x" }, { list: [] }, { id: 3, list: '[{"q":1}]' }],
    outputs: [{ list: 1 }, { list: 2 }, { list: null }, { id: 3, q: 1 }],
    callbacks: {
      onFailure: (fail) => explodeColumnStream({ column: "list", onFailure: fail }),
      onWarning: (fail) => explodeColumnStream({ column: "missing", onWarning: fail, checkFirstRow: false }),
    },
  });

  it("explodeColumnStream keeps rows whose cell it cannot read, and emits one warning about all of them", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const inputs: Row[] = [{ list: [1] }, { id: 1, list: true, z: 2 }, { list: "x" }];
    expect(await explodeAll(inputs, { column: "list" })).toEqual([{ list: 1 }, ...inputs.slice(1)]);
    expect(warn.mock.calls).toEqual([
      [
        '2 rows failed and were kept as they are; the first was row 2 (INVALID_CELL): Cannot explode column "list" of ' +
          "row 2: expected a list or an object, got boolean",
        "ParrotWarning",
      ],
    ]);
  });

  it("explodeColumnStream keeps a failed row where onFailure gives nothing back", async () => {
    const failed: Failed[] = [];
    const inputs: Row[] = [{ list: "x" }, { list: "[1]" }];
    const rows = await explodeAll(inputs, { column: "list", onFailure: (each) => void failed.push(each) });
    expect(rows).toEqual([{ list: "x" }, { list: 1 }]);
    expect(failed).toMatchObject([{ index: 0, failure: { code: "INVALID_CELL" } }]);
  });

  it("explodeColumnStream warns of cells that are not valid JSON and of rows without the column, by onWarning or once for each kind", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const decimal = "0.1234567890123456789";
    const inputs: Row[] = [
      { list: "['a']" },
      { id: 1 },
      { list: "[1]" },
      { list: "{'q': 2}" },
      { list: `[${decimal},${decimal}]` },
    ];
    const rounded = { list: Number(decimal) };
    const outputs: Row[] = [{ list: "a" }, { id: 1, list: null }, { list: 1 }, { q: 2 }, rounded, rounded];
    const told: ColumnWarning[] = [];
    const onWarning = (warning: ColumnWarning): void => void told.push(warning);
    expect(await explodeAll(inputs, { column: "list", onWarning })).toEqual(outputs);
    expect(told.map(({ index, code, row }) => [index, code, row])).toEqual([
      [0, "REPAIRED", inputs[0]],
      [1, "NO_COLUMN", inputs[1]],
      [3, "REPAIRED", inputs[3]],
      [4, "ROUNDED", inputs[4]],
    ]);
    expect(warn).not.toHaveBeenCalled();
    expect(await explodeAll(inputs, { column: "list" })).toEqual(outputs);
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      expect.stringMatching(
        /^2 rows have a cell that is not valid JSON .*; the first: Column "list" of row 1/,
      ),
      expect.stringMatching(/^1 row has no such column.*; the first: row 2 has no column "list"$/),
      expect.stringMatching(
        /^1 row has a number .* rounded; the first: .* row 5 .*: 0\.1234567890123456789$/,
      ),
    ]);
  });

  it("explodeColumnStream fails the run when the first row lacks the column, unless checkFirstRow is off", async () => {
    const inputs: Row[] = [{ lists: [1], id: 1 }];
    await expect(explodeAll(inputs, { column: "list" })).rejects.toMatchObject({
      code: "MISSING_COLUMN",
      column: "list",
      option: "column",
      message:
        'Cannot use the option column: the first row has no column "list" (did you mean "lists"?); ' +
        'the columns are "lists", "id"',
    });
    const options = { column: "list", checkFirstRow: false, onWarning: () => undefined };
    expect(await explodeAll(inputs, options)).toEqual([{ lists: [1], id: 1, list: null }]);
    expect(await explodeAll([], { column: "list" })).toEqual([]);
  });
});

function explodeAll(rows: readonly Row[], options: ExplodeColumnStreamOptions): Promise<Row[]> {
  return readAll(sourceOf<Row>(rows).pipeThrough(explodeColumnStream(options)));
}
