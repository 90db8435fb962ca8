import type { Row } from "@parallel-parrot/core";

/** A column that a condition names. */
export interface NamedColumn {
  /** The name as it was written: a column, or a path such as `meta.lang`. */
  readonly name: string;
  /** The column that it has to be found in, where there is none of that whole name. */
  readonly root: string;
}

/** What a condition says of a row. */
export interface Verdict {
  readonly isTrue: boolean;
  /** Whether a part of it compares what cannot be compared, such as a word with a number. That part is false. */
  readonly isOdd: boolean;
}

/** A condition that is ready for many rows. */
export interface Condition {
  /** The columns that it names, each once. */
  readonly columns: readonly NamedColumn[];
  /**
   * @param index the row's number from 0, for messages
   * @throws ParrotError `INVALID_OPTION` where it is neither true nor false for this row
   */
  test(row: Row, index?: number): Verdict;
}

/** The columns that a condition names and that are not among these. */
export function columnsMissingOf({ columns }: Condition, among: readonly string[]): readonly string[] {
  const known = new Set(among);
  return columns.filter(({ name, root }) => !known.has(name) && !known.has(root)).map(({ root }) => root);
}
