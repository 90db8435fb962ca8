import { hash } from "node:crypto";
import {
  cellIdentity,
  checkOptions,
  flatMapStream,
  getCell,
  texts,
  wholeNumber,
  type OptionChecks,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { requireColumns } from "./check-option.ts";
import { RecentHashes } from "./recent-hashes.ts";

/** The table of more hashes than these would be too large for one array. */
const MOST_KEYS = 2 ** 26;

/** Options for {@linkcode dedupe} and {@linkcode dedupeStream}. */
export interface DedupeOptions<R extends Row = Row> {
  /** Columns to compare by; one that is missing counts as null. @default all columns */
  readonly by?: readonly (keyof R & string)[];
  /**
   * How many different rows to remember, up to 2^26. Beyond that, each new row takes the place of the one that was
   * added longest ago, and a later duplicate of a forgotten row passes. @default 1_000_000
   */
  readonly maxKeys?: number;
}

/**
 * Leaves out rows that are equal to an earlier one of the whole run; the order of keys does not count. It remembers a
 * 128-bit hash of each row and not the row itself, in at most 32 bytes × `maxKeys`.
 *
 * @throws ParrotError `INVALID_OPTION`; `MISSING_COLUMN` where the first row lacks a column of `by`
 */
export function dedupe<R extends Row>(
  rows: Iterable<R>,
  options: DedupeOptions<NoInfer<R>> = {},
): Generator<R> {
  return newRows(rows, newRowTest(options));
}

/** {@linkcode dedupe} as a stage. */
export function dedupeStream<R extends Row>(options: DedupeOptions<NoInfer<R>> = {}): Stage<R, R> {
  const isNew = newRowTest(options);
  return flatMapStream((row: R) => (isNew(row) ? [row] : []));
}

function* newRows<R extends Row>(rows: Iterable<R>, isNew: (row: Row) => boolean): Generator<R> {
  for (const row of rows) if (isNew(row)) yield row;
}

interface RowTestOptions {
  readonly by?: readonly string[];
  readonly maxKeys?: number;
}

const DEDUPE_OPTIONS: OptionChecks<RowTestOptions> = { by: texts, maxKeys: wholeNumber(1, MOST_KEYS) };

function newRowTest(options: RowTestOptions): (row: Row) => boolean {
  checkOptions("dedupe", options, DEDUPE_OPTIONS);
  const { by, maxKeys = 1_000_000 } = options;
  const known = new RecentHashes(maxKeys);
  let isFirst = true;
  return (row) => {
    if (isFirst && by !== undefined) requireColumns("by", row, by);
    isFirst = false;
    const key = by === undefined ? row : by.map((column) => getCell(row, column));
    return known.add(hash("sha256", cellIdentity(key), "buffer"));
  };
}
