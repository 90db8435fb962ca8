import { getCell, type Row } from "@parallel-parrot/core";
import { compileCondition, isEmptyCell, type Condition } from "@parallel-parrot/tidy";
import type { SelectionOptions } from "../flags/options.ts";

/** Tells which rows `--where` and `--skip-empty` leave. */
export class RowFilter {
  readonly #condition: Condition | undefined;
  readonly #when: Condition | undefined;
  readonly #filled: readonly string[];
  /** Rows so far in which the condition compares what cannot be compared. */
  incomparable = 0;

  constructor({ where, when, skipEmpty = [] }: SelectionOptions) {
    this.#when = when === undefined ? undefined : compileCondition(when);
    this.#condition = where === undefined ? undefined : compileCondition(where);
    this.#filled = skipEmpty;
  }

  /** @param index the row's number, for messages */
  takes(row: Row, index: number): boolean {
    const verdict = this.#condition?.test(row, index);
    if (verdict?.isOdd === true) this.incomparable += 1;
    return verdict?.isTrue !== false && this.#filled.every((column) => !isEmptyCell(getCell(row, column)));
  }

  /** The columns that it needs among those that there are, each with the option that names it. */
  needs(columns: readonly string[]): readonly (readonly [option: string, column: string])[] {
    const known = new Set(columns);
    const named = (
      option: string,
      condition: Condition | undefined,
    ): readonly (readonly [string, string])[] =>
      // A path is a column of that name, or within one.
      (condition?.columns ?? []).map(({ name, root }) => [option, known.has(name) ? name : root]);
    return [
      ...named("--where", this.#condition),
      ...named("--when", this.#when),
      ...this.#filled.map((column) => ["--skip-empty", column] as const),
    ];
  }
}
