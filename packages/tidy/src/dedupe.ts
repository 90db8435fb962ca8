import { hash } from "node:crypto";
import {
  aBoolean,
  aFunction,
  cellIdentity,
  cellText,
  checkOptions,
  expecting,
  flatMapStream,
  getCell,
  texts,
  wholeNumber,
  type OptionChecks,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { requireColumns } from "./check-option.ts";
import { signatureOf } from "./min-hash.ts";
import { RecentHashes } from "./recent-hashes.ts";
import { RecentSignatures } from "./recent-signatures.ts";

/** The table of more hashes than these would be too large for one array. */
const MOST_KEYS = 2 ** 26;
/** Below this, texts that have nothing to do with each other are alike by chance. */
const LEAST_NEAR = 0.5;

/** Options for {@linkcode dedupe} and {@linkcode dedupeStream}. */
export interface DedupeOptions<R extends Row = Row> {
  /** Columns to compare by; one that is missing counts as null. @default all columns */
  readonly by?: readonly (keyof R & string)[];
  /** Columns that are not compared, such as those of the input. @default none */
  readonly except?: readonly string[];
  /**
   * Leaves out rows as well whose text is nearly that of an earlier one that was kept, from 0.5 to 1: the share of runs
   * of five characters that the texts have in common. Case, punctuation and spaces do not count.
   * @default only equal rows are left out
   */
  readonly near?: number;
  /** Whether rows with nothing but nulls in the compared columns all stay: there is nothing to compare. @default false */
  readonly keepNulls?: boolean;
  /**
   * Whether `MISSING_COLUMN` is thrown where the first row lacks a column of `by`. Turn it off for rows that do not all
   * have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
  /**
   * How many different rows to remember, up to 2^26. Beyond that, each new row takes the place of the one that was
   * added longest ago, and a later duplicate of a forgotten row passes. @default 1_000_000
   */
  readonly maxKeys?: number;
  /** Is called for each row that is left out: it is equal to an earlier one, or nearly. @default nothing is called */
  readonly onDuplicate?: (row: R, kind: "equal" | "near") => void;
  /** Is called for each row that is forgotten, as more than `maxKeys` came. @default nothing is called */
  readonly onForget?: () => void;
  /**
   * Is called for each row of which `near` did not compare all candidates, as more than 4,096 rows share a part of
   * their text with it: it was compared with the last of them. @default nothing is called
   */
  readonly onPartlyCompared?: () => void;
}

/**
 * Leaves out rows that are equal to an earlier one of the whole run; the order of keys does not count. It remembers a
 * 128-bit hash of each row and not the row itself, in at most 32 bytes × `maxKeys`. With `near`, it remembers a
 * signature of each text besides: in at most about 500 bytes × `maxKeys` for 0.9.
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

function* newRows<R extends Row>(rows: Iterable<R>, isNew: (row: R) => boolean): Generator<R> {
  for (const row of rows) if (isNew(row)) yield row;
}

const DEDUPE_OPTIONS: OptionChecks<DedupeOptions> = {
  by: texts,
  except: texts,
  near: expecting(
    `a number from ${LEAST_NEAR} to 1`,
    (value) => typeof value === "number" && value >= LEAST_NEAR && value <= 1,
  ),
  keepNulls: aBoolean,
  checkFirstRow: aBoolean,
  maxKeys: wholeNumber(1, MOST_KEYS),
  onDuplicate: aFunction,
  onForget: aFunction,
  onPartlyCompared: aFunction,
};

function newRowTest<R extends Row>(options: DedupeOptions<R>): (row: R) => boolean {
  checkOptions("dedupe", options, DEDUPE_OPTIONS);
  const {
    by,
    near,
    keepNulls = false,
    maxKeys = 1_000_000,
    onDuplicate,
    onForget,
    onPartlyCompared,
  } = options;
  const except = new Set(options.except);
  const known = new RecentHashes(maxKeys);
  const like = near === undefined ? undefined : new RecentSignatures(maxKeys, near);
  let isFirst = options.checkFirstRow ?? true;

  /** What is compared of a row. */
  function keyOf(row: R): Row | readonly unknown[] {
    if (by !== undefined) return by.flatMap((column) => (except.has(column) ? [] : [getCell(row, column)]));
    if (except.size === 0) return row;
    return Object.fromEntries(Object.entries(row).filter(([column]) => !except.has(column)));
  }

  function kindOf(key: Row | readonly unknown[]): "equal" | "near" | "new" {
    const before = known.forgotten + (like?.forgotten ?? 0);
    if (!known.add(hash("sha256", cellIdentity(key), "buffer"))) return "equal";
    const partlyBefore = like?.partlyCompared ?? 0;
    const isNear = like?.add(signatureOf(textOf(key))) === false;
    if ((like?.partlyCompared ?? 0) > partlyBefore) onPartlyCompared?.();
    // Both forget the same rows, but for those that are near an earlier one.
    if (known.forgotten + (like?.forgotten ?? 0) > before) onForget?.();
    return isNear ? "near" : "new";
  }

  return (row) => {
    if (isFirst && by !== undefined) requireColumns("by", row, by);
    isFirst = false;
    const key = keyOf(row);
    if (keepNulls && Object.values(key).every((cell) => cell === null || cell === undefined)) return true;
    const kind = kindOf(key);
    if (kind === "new") return true;
    onDuplicate?.(row, kind);
    return false;
  };
}

function textOf(key: Row | readonly unknown[]): string {
  return Object.values(key)
    .map((cell) => cellText(cell) ?? "")
    .join("\n");
}
