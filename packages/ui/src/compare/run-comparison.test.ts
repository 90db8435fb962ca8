import { afterAll, describe, expect, it } from "vitest";
import { answeredRow } from "../../fixtures/rows-source.ts";
import type { ReadRow } from "../run-source.ts";
import { RowIndex } from "../rows/row-index.ts";
import { COMPARED_KINDS } from "../wire.ts";
import { RunComparison } from "./run-comparison.ts";

const indexes: RowIndex[] = [];
afterAll(() => {
  for (const index of indexes) index.close();
});

function indexOf(rows: readonly ReadRow[], modelColumn?: string): RowIndex {
  const index = new RowIndex();
  indexes.push(index);
  for (let at = 0; at < rows.length; at += 50) index.add(rows.slice(at, at + 50), modelColumn);
  return index;
}

type Cells = Readonly<Record<string, unknown>>;
const row = (index: number, text: string, ...outputs: readonly Cells[]): ReadRow =>
  answeredRow(index, { row: { text }, outputs: outputs.length === 0 ? [] : [outputs] });
const ALL = { ranges: [] };

function placesOf(comparison: RunComparison): Record<string, number[]> {
  const found = COMPARED_KINDS.map((kind) => {
    const marks = comparison.marksOf(kind, undefined);
    return [kind, [...marks.keys()].filter((place) => marks[place] === 1)] as const;
  });
  return Object.fromEntries(found);
}

describe("RunComparison", () => {
  it("rows are matched by their inputs in whichever order, and each is the same, changed, unanswered or alone", async () => {
    const here = indexOf([
      row(0, "a", { label: "yes", why: "x" }),
      row(1, "b", { label: "no", why: "x" }),
      row(2, "c", { label: "no", why: "y" }),
      row(3, "d"),
      row(4, "e", { label: "no", why: "x" }),
      row(5, "f", { label: "no" }, { label: "yes" }),
    ]);
    const there = indexOf([
      row(0, "f", { label: "yes" }, { label: "no" }),
      row(1, "d", { label: "yes", why: "x" }),
      row(2, "c", { label: "no", why: "z" }),
      row(3, "b", { label: "no", why: "x" }),
      row(4, "a", { label: "no", why: "x" }),
      row(5, "only there", { label: "no" }),
    ]);
    const comparison = await RunComparison.of(here, there, ALL);
    expect(placesOf(comparison)).toEqual({ same: [1], changed: [0, 2, 5], unanswered: [3], alone: [4] });
    expect(comparison.totals).toMatchObject({ same: 1, changed: 3, unanswered: 1, alone: 1, aloneThere: 1 });
    const [inLabel] = comparison.totals.columns;
    expect(inLabel?.changes).toContainEqual({ from: "yes, no", to: "no, yes", rows: 1 });
    expect([0, 1, 2, 3, 4, 5].map((place) => comparison.otherPlaceOf(place))).toEqual([
      4,
      3,
      2,
      1,
      undefined,
      0,
    ]);
    const inWhy = comparison.marksOf("changed", "why");
    expect([...inWhy]).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it("agreement is told by column, with Cohen's kappa and the most frequent changes where values are few", async () => {
    // A table of 50 that textbooks have: they agree in 35, and would in 25 by chance.
    const table = [
      ["yes", "yes", 20],
      ["yes", "no", 5],
      ["no", "yes", 10],
      ["no", "no", 15],
    ] as const;
    const pairs = table.flatMap(([here, there, rows]) =>
      Array.from({ length: rows }, () => [here, there] as const),
    );
    const comparison = await RunComparison.of(
      indexOf(pairs.map(([value], at) => row(at, `t${at}`, { label: value, free: `here ${at}` }))),
      indexOf(pairs.map(([, value], at) => row(at, `t${at}`, { label: value, free: `there ${at}` }))),
      ALL,
    );
    const [label, free] = comparison.totals.columns;
    expect(label).toEqual({
      column: "label",
      other: "label",
      rows: 50,
      same: 35,
      kappa: expect.closeTo(0.4, 10),
      changes: [
        { from: "yes", to: "no", rows: 10 },
        { from: "no", to: "yes", rows: 5 },
      ],
    });
    expect(free).toMatchObject({ rows: 50, same: 0 });
    const few = await RunComparison.of(
      indexOf([row(0, "a", { label: "yes" })]),
      indexOf([row(0, "a", { label: "yes" })]),
      ALL,
    );
    expect(few.totals.columns[0]).not.toHaveProperty("kappa");
  });

  it("values of which there are many have no kappa and no list of changes", async () => {
    const rows = (word: string): ReadRow[] =>
      Array.from({ length: 120 }, (_, at) =>
        row(at, `t${at}`, { text: at < 60 ? `${at}` : `${word} ${at}` }),
      );
    const { totals } = await RunComparison.of(indexOf(rows("here")), indexOf(rows("there")), ALL);
    expect(totals.columns).toEqual([{ column: "text", other: "text", rows: 120, same: 60, changes: [] }]);
  });

  it("of equal rows the first is matched with the first and the second with the second; one more is alone", async () => {
    const here = indexOf([row(0, "a", { o: "1" }), row(1, "a", { o: "2" }), row(2, "a", { o: "3" })]);
    const there = indexOf([row(0, "a", { o: "1" }), row(1, "a", { o: "x" })]);
    expect(placesOf(await RunComparison.of(here, there, ALL))).toEqual({
      same: [0],
      changed: [1],
      unanswered: [],
      alone: [2],
    });
  });

  it("two models of one run are compared row by row, and so are both with another run of one model", async () => {
    const both = ["a", "b"].flatMap((text, at) =>
      ["m1", "m2"].map((model, which) =>
        answeredRow(2 * at + which, {
          row: { text, model },
          model,
          outputs: [[{ label: at === 0 ? "yes" : model }]],
        }),
      ),
    );
    const here = indexOf(both, "model");
    const withSecond = await RunComparison.of(here, here, { ...ALL, model: "m2" });
    expect(placesOf(withSecond)).toMatchObject({ same: [0, 1, 3], changed: [2] });
    expect([0, 2].map((place) => withSecond.otherPlaceOf(place))).toEqual([1, 3]);
    const one = indexOf([row(0, "a", { answer: "yes" }), row(1, "b", { answer: "m1" })]);
    expect(placesOf(await RunComparison.of(here, one, ALL))).toMatchObject({ same: [0, 1, 2], changed: [3] });
  });

  it("runs without a column in common have no row whose answers could be compared", async () => {
    const here = indexOf([row(0, "a", { x: "1", y: "2" })]);
    const there = indexOf([row(0, "a", { z: "1" })]);
    const comparison = await RunComparison.of(here, there, ALL);
    expect(comparison.totals).toMatchObject({ unanswered: 1, columns: [] });
  });
});
