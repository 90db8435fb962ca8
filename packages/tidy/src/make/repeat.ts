import {
  aColumn,
  checkOptions,
  flatMapStream,
  type OptionChecks,
  required,
  type Row,
  type Stage,
  wholeNumber,
} from "@parallel-parrot/core";
import { apartTest } from "./apart-test.ts";

/** Options for {@linkcode repeat} and {@linkcode repeatStream}. */
export interface RepeatOptions<Column extends string = string> {
  /** How many rows are made of each. */
  readonly times: number;
  /** Column for the number of the repetition, from 1. A prompt may name it. @default "repetition" */
  readonly column?: Column;
}

/** A row with the number of its repetition. */
export type RepeatedRow<R extends Row, Column extends string> = R & Readonly<Record<Column, number>>;

/**
 * Makes several rows of each, one after another, with a column that numbers them. Rows that ask the same are asked
 * each, so that every repetition has an answer of its own.
 *
 * @throws ParrotError `INVALID_OPTION`, also where a row has that column
 */
export function repeat<R extends Row, const Column extends string = "repetition">(
  rows: Iterable<R>,
  options: RepeatOptions<Column>,
): Generator<RepeatedRow<R, Column>> {
  return repeatedRows(rows, repeating<R, Column>(options));
}

/** {@linkcode repeat} as a stage. */
export function repeatStream<R extends Row, const Column extends string = "repetition">(
  options: RepeatOptions<Column>,
): Stage<R, RepeatedRow<R, Column>> {
  return flatMapStream(repeating<R, Column>(options));
}

function* repeatedRows<R extends Row, Out extends Row>(
  rows: Iterable<R>,
  repeatRow: (row: R) => Iterable<Out>,
): Generator<Out> {
  for (const row of rows) yield* repeatRow(row);
}

const REPEAT_OPTIONS: OptionChecks<RepeatOptions> = {
  times: required(wholeNumber(1), "how many rows are made of each"),
  column: aColumn,
};

function repeating<R extends Row, Column extends string>(
  options: RepeatOptions<Column>,
): (row: R) => Iterable<RepeatedRow<R, Column>> {
  checkOptions("repeat", options, REPEAT_OPTIONS);
  const { times, column = "repetition" } = options;
  const requireApart = apartTest("column", [column]);
  return function* repeatRow(row) {
    requireApart(row);
    for (let number = 1; number <= times; number++) yield { ...row, [column]: number };
  };
}
