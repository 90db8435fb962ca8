import {
  checkArgument,
  expecting,
  flatMapStream,
  isObject,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { apartTest } from "./apart-test.ts";

/**
 * Makes a row of each row and each of `others`: the cells of both. The rows of a row come one after another, in the
 * order of `others`, which are held in memory.
 *
 * @throws ParrotError `INVALID_OPTION`, also where a row has a column of `others`
 */
export function cross<R extends Row, O extends Row>(
  rows: Iterable<R>,
  others: readonly O[],
): Generator<R & O> {
  return crossedRows(rows, crossing<R, O>(others));
}

/** {@linkcode cross} as a stage. */
export function crossStream<R extends Row, O extends Row>(others: readonly O[]): Stage<R, R & O> {
  return flatMapStream(crossing<R, O>(others));
}

function* crossedRows<In, Out>(rows: Iterable<In>, crossRow: (row: In) => Iterable<Out>): Generator<Out> {
  for (const row of rows) yield* crossRow(row);
}

const ROWS = expecting("a list of rows", (value) => Array.isArray(value) && value.every(isObject));

function crossing<R extends Row, O extends Row>(others: readonly O[]): (row: R) => Iterable<R & O> {
  checkArgument("cross", "others", others, ROWS);
  const requireApart = apartTest("others", [...new Set(others.flatMap((other) => Object.keys(other)))]);
  return function* crossRow(row) {
    requireApart(row);
    for (const other of others) yield { ...row, ...other };
  };
}
