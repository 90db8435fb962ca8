import { Comparisons } from "../compare/comparisons.ts";
import { LABEL_CHOICES, type LabelChoice } from "../labels/labelled-rows.ts";
import type { Labels } from "../labels/labels.ts";
import type { IndexedRun } from "../rows/indexed-run.ts";
import { readFilter, type Marks, type RowFilter } from "../rows/row-filter.ts";
import type { IndexedRow } from "../rows/row-index.ts";
import { COMPARED_KINDS, type Compared, type ComparisonTotals } from "../wire.ts";

/** The comparison that a request asks for. */
export interface AskedComparison {
  /** The run that is compared with. */
  readonly run: IndexedRun;
  readonly totals: ComparisonTotals;
  /** The row that one is compared with; `undefined` where there is none. */
  otherOf(place: number): IndexedRow | undefined;
  marksOf(kind: Compared, column: string | undefined): Marks;
}

/** What a request says of rows, with what is known of them by labels and from other runs. */
export class RowQueries {
  readonly #labels: Labels;
  readonly #comparisons: Comparisons = new Comparisons();
  readonly #runOf: (id: number) => Promise<IndexedRun>;

  constructor(labels: Labels, runOf: (id: number) => Promise<IndexedRun>) {
    this.#labels = labels;
    this.#runOf = runOf;
  }

  /** Which rows a request asks for. @throws RangeError that names the parameter */
  async filterOf(run: IndexedRun, parameters: URLSearchParams): Promise<RowFilter> {
    const filter = readFilter(parameters);
    const label = labelIn(parameters);
    const kind = comparedIn(parameters);
    const marks: Marks[] = [];
    if (label !== undefined) marks.push((await this.#labels.rowsOf(run.index)).marksOf(label));
    const compared = kind === undefined ? undefined : await this.comparisonOf(run, parameters);
    if (kind !== undefined && compared !== undefined)
      marks.push(compared.marksOf(kind, parameters.get("compared-column") || undefined));
    return { ...filter, marks };
  }

  /** The comparison that `with` asks for; `undefined` without it. */
  async comparisonOf(run: IndexedRun, parameters: URLSearchParams): Promise<AskedComparison | undefined> {
    const id = parameters.get("with") || undefined;
    if (id === undefined) return undefined;
    if (!/^\d{1,9}$/.test(id)) throw new RangeError(`There is no run ${id}`);
    const other = await this.#runOf(Number(id));
    const model = parameters.get("with-model") || undefined;
    const comparison = await this.#comparisons.of(run, { run: other, model });
    return {
      run: other,
      totals: comparison.totals,
      otherOf: (place) => {
        const otherPlace = comparison.otherPlaceOf(place);
        return otherPlace === undefined ? undefined : other.index.get(otherPlace);
      },
      marksOf: (kind, column) => comparison.marksOf(kind, column),
    };
  }
}

function labelIn(parameters: URLSearchParams): LabelChoice | undefined {
  const name = parameters.get("label") || undefined;
  const choice = LABEL_CHOICES.find((each) => each === name);
  if (name !== undefined && choice === undefined) throw new RangeError(`There is no label ${name}`);
  return choice;
}

function comparedIn(parameters: URLSearchParams): Compared | undefined {
  const name = parameters.get("compared") || undefined;
  const kind = COMPARED_KINDS.find((each) => each === name);
  if (name !== undefined && kind === undefined)
    throw new RangeError(`Nothing in a comparison is called ${name}`);
  return kind;
}
