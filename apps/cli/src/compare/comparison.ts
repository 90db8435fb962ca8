import { flatMapStream, setCell, type Output, type Row } from "@parallel-parrot/core";
import type { ColumnType, ColumnTypes } from "@parallel-parrot/formats";
import { Agreement } from "./agreement.ts";
import { labelsOf, MODEL_COLUMN } from "./compared-models.ts";

interface ComparisonForm {
  /** Whether each model has a column of its own for each answer, or a row of its own. */
  readonly form: "columns" | "rows";
  /** Whether each model has exactly one row of the output for each row that is asked, failed ones too. */
  readonly isOneRow: boolean;
}

/**
 * The answers of several models to the same rows. Each row is asked once of each model, one after the other, so that
 * the answers to a row come out together and in the order of the models.
 */
export class Comparison {
  readonly models: readonly string[];
  readonly form: "columns" | "rows";
  readonly #columns: readonly string[];
  readonly #labels: readonly string[];
  readonly #agreement: Agreement | undefined;
  #group: Row[] = [];
  /** How many rows were made one with another; the output has so many fewer. */
  joined = 0;

  constructor(models: readonly string[], { columns, aboutAnswer = {} }: Output, how: ComparisonForm) {
    this.models = models;
    this.form = how.form;
    this.#columns = columns;
    this.#labels = labelsOf(models);
    const compared = columns.filter((column) => !Object.hasOwn(aboutAnswer, column));
    this.#agreement = how.isOneRow ? new Agreement(this.#labels, compared) : undefined;
  }

  /** The columns of an output whose rows have these before they are put side by side. */
  columnsOf(columns: readonly string[]): readonly string[] {
    if (this.form === "rows") return columns;
    const { input, answers } = this.namesFor(columns);
    return [...input, ...answers];
  }

  /** The columns of the input, and those of the answers. */
  namesFor(columns: readonly string[]): {
    readonly input: readonly string[];
    readonly answers: readonly string[];
  } {
    if (this.form === "rows") return { input: columns, answers: this.#columns };
    const own = new Set([MODEL_COLUMN, ...this.#columns]);
    return {
      input: columns.filter((column) => !own.has(column)),
      answers: this.#columns.flatMap((column) => this.#labels.map((label) => nameOf(column, label))),
    };
  }

  /** The types of those columns. */
  typesOf(types: ColumnTypes): ColumnTypes {
    if (this.form === "rows") return types;
    const all = new Map<string, ColumnType>();
    for (const column of this.namesFor([...types.keys()]).input) {
      const type = types.get(column);
      if (type !== undefined) all.set(column, type);
    }
    for (const column of this.#columns) {
      const type = types.get(column);
      if (type !== undefined) for (const label of this.#labels) all.set(nameOf(column, label), type);
    }
    return all;
  }

  /** Puts the rows of all models side by side where each has a column of its own, and compares their answers. */
  apply(rows: ReadableStream<Row>): ReadableStream<Row> {
    if (this.#agreement === undefined) return rows;
    return rows.pipeThrough(flatMapStream((row: Row) => this.#next(row)));
  }

  /** A row whose answers cannot be written, as the output has it. */
  withoutAnswers(row: Row): Row {
    return this.form === "rows" ? row : this.#sideBySide(this.models.map(() => row));
  }

  /** How often the models agree, in words. */
  describe(): readonly string[] {
    return this.#agreement?.describe() ?? [];
  }

  #next(row: Row): readonly Row[] {
    this.#group.push(row);
    const isWhole = this.#group.length === this.models.length;
    const group = this.#group;
    if (isWhole) {
      this.#agreement?.add(group);
      this.#group = [];
    }
    if (this.form === "rows") return [row];
    if (!isWhole) {
      this.joined += 1;
      return [];
    }
    return [this.#sideBySide(group)];
  }

  #sideBySide(group: readonly Row[]): Row {
    const own = new Set([MODEL_COLUMN, ...this.#columns]);
    const joined: Row = Object.fromEntries(
      Object.entries(group[0] ?? {}).filter(([column]) => !own.has(column)),
    );
    for (const column of this.#columns)
      for (const [place, label] of this.#labels.entries())
        setCell(joined, nameOf(column, label), group[place]?.[column] ?? null);
    return joined;
  }
}

function nameOf(column: string, label: string): string {
  return `${column}@${label}`;
}
