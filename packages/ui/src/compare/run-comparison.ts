import { setImmediate as afterIo } from "node:timers/promises";
import type { Marks, RowFilter } from "../rows/row-filter.ts";
import type { RowIndex } from "../rows/row-index.ts";
import type { ColumnAgreement, Compared, ComparisonTotals } from "../wire.ts";
import { COMPARED, compareColumn } from "./column-agreement.ts";
import { columnTexts } from "./column-texts.ts";
import { matchRows, type MatchedRows } from "./match-rows.ts";

/** The most columns that are compared. */
const MOST_COLUMNS = 20;

/** In which order {@linkcode RunComparison} numbers what became of rows. */
const KINDS: readonly Compared[] = ["same", "changed", "unanswered", "alone"];

/** The rows of a run beside those of another one, or of another model, that have the same input. */
export class RunComparison {
  readonly totals: ComparisonTotals;
  readonly #matched: MatchedRows;
  readonly #kinds: Uint8Array;
  readonly #columns: ReadonlyMap<string, Uint8Array>;

  private constructor(
    matched: MatchedRows,
    kinds: Uint8Array,
    columns: ReadonlyMap<string, Uint8Array>,
    agreements: readonly ColumnAgreement[],
  ) {
    this.#matched = matched;
    this.#kinds = kinds;
    this.#columns = columns;
    const rows = { same: 0, changed: 0, unanswered: 0, alone: 0 };
    for (const kind of kinds) {
      const name = KINDS[kind];
      if (name !== undefined) rows[name] += 1;
    }
    this.totals = { ...rows, aloneThere: matched.aloneThere, columns: agreements };
  }

  /** Compares all rows. @param otherFilter which rows of the other run may be matched */
  static async of(here: RowIndex, there: RowIndex, otherFilter: RowFilter): Promise<RunComparison> {
    const marks = there.marksOf(otherFilter);
    const matched = matchRows(
      { inputs: here.ids.inputs, models: here.modelNumbers() },
      { inputs: there.ids.inputs, marks },
    );
    const kinds = new Uint8Array(here.count).fill(KINDS.indexOf("unanswered"));
    const columns = new Map<string, Uint8Array>();
    const agreements: ColumnAgreement[] = [];
    for (const [column, other] of columnPairs(here.columns.output, there.columns.output)) {
      const texts = await columnTexts(here, column);
      const otherTexts = await columnTexts(there, other);
      const { found, agreement } = compareColumn(texts, otherTexts, matched.places);
      columns.set(column, found);
      agreements.push({ column, other, ...agreement });
      take(kinds, found);
      await afterIo();
    }
    for (const [place, other] of matched.places.entries())
      if (other === -1) kinds[place] = KINDS.indexOf("alone");
    return new RunComparison(matched, kinds, columns, agreements);
  }

  /** The place of a row in the other run; `undefined` where it has none. */
  otherPlaceOf(place: number): number | undefined {
    const other = this.#matched.places[place] ?? -1;
    return other === -1 ? undefined : other;
  }

  /** @param column in which rows have to be so; `undefined` for all together */
  marksOf(kind: Compared, column: string | undefined): Marks {
    const found = column === undefined ? undefined : this.#columns.get(column);
    if (found !== undefined && (kind === "same" || kind === "changed"))
      return found.map((each) => (each === COMPARED[kind] ? 1 : 0));
    const wanted = KINDS.indexOf(kind);
    return this.#kinds.map((each) => (each === wanted ? 1 : 0));
  }
}

/** Adds to what became of rows what was found in a column: a row is the same where no column has changed. */
function take(kinds: Uint8Array, found: Uint8Array): void {
  const [same, changed] = [KINDS.indexOf("same"), KINDS.indexOf("changed")];
  for (const [place, each] of found.entries()) {
    if (each === COMPARED.changed) kinds[place] = changed;
    else if (each === COMPARED.same && kinds[place] !== changed) kinds[place] = same;
  }
}

/** Columns of outputs by their names. Where each run has one alone, these are compared whatever they are called. */
function columnPairs(
  here: readonly string[],
  there: readonly string[],
): readonly (readonly [here: string, there: string])[] {
  const [only, other] = [here[0], there[0]];
  if (here.length === 1 && there.length === 1 && only !== undefined && other !== undefined)
    return [[only, other]];
  return here
    .filter((name) => there.includes(name))
    .slice(0, MOST_COLUMNS)
    .map((name) => [name, name]);
}
