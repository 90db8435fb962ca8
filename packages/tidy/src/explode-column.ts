import {
  aFunction,
  aText,
  checkOptions,
  clip,
  getCell,
  isPlainObject,
  type Item,
  oneOf,
  type OptionChecks,
  required,
  type Row,
  rowName,
  setCell,
  texts,
  wholeNumber,
} from "@parallel-parrot/core";
import { addCells, COLLISIONS, resolveCollisions, type Collision, type Renamed } from "./collision.ts";
import { anOnFailure, failedItem, settleFailure, type FailurePolicy, type OnFailure } from "./on-failure.ts";
import { readElements } from "./read-elements.ts";

/**
 * What becomes of a row whose cell cannot be read: a {@linkcode FailurePolicy}, or `"keep"`, with which the row stays as
 * it is.
 */
export type ColumnFailurePolicy = FailurePolicy | "keep";

/** Something odd about a row that was exploded. */
export interface ColumnWarning<R extends Row = Row> extends Item<R> {
  /**
   * `REPAIRED`: the cell was not valid JSON and was repaired. `ROUNDED`: a decimal in it has more digits than a number
   * holds and was rounded. `NO_COLUMN`: the row lacks the column.
   */
  readonly code: "REPAIRED" | "ROUNDED" | "NO_COLUMN";
  readonly message: string;
}

/** Options for `explodeColumn` and `explodeColumnStream`. */
export interface ExplodeColumnOptions<R extends Row = Row> {
  /**
   * Column that holds a list, or one object, as a value or as text. Text is JSON, or whatever of an answer of a model is
   * read as JSON: Python's notation, JSON in a code fence or between prose.
   */
  readonly column: string;
  /** Column for elements that are not objects. @default the same column */
  readonly into?: string;
  /** What to do with a key of an object where another column has its name. @default "suffix" */
  readonly collision?: Collision;
  /** What an empty list, an empty cell or a missing one gives: one row with null, or no row. @default "null" */
  readonly empty?: "null" | "drop";
  /** Columns that get nulls in place of `into` in a row without elements. */
  readonly columns?: readonly string[];
  /**
   * What becomes of rows whose cell cannot be read. A function that gives nothing back means `"keep"`. Without this
   * option a stream keeps such rows and emits one process warning at its end, and `explodeColumn` throws.
   */
  readonly onFailure?: OnFailure<R, ColumnFailurePolicy>;
  /**
   * What becomes of numbers in text that a JavaScript number cannot hold. With `"bigint"`, an integer beyond 2^53 is a
   * bigint, and a number that is too large is the text that was written. With `"text"`, all of them are. @default
   * "bigint"
   */
  readonly longNumbers?: "bigint" | "text";
  /** Turns each cell of an element into the cell that comes out, such as escaped text. @default cells stay as they are */
  readonly mapCell?: (cell: unknown) => unknown;
  /** Is called for each warning. Without it, a stream emits one process warning of each kind at its end. */
  readonly onWarning?: (warning: ColumnWarning<R>) => void;
  /** A row with more elements than this fails with `TOO_MANY_OUTPUTS`. @default 10_000 */
  readonly maxOutputsPerRow?: number;
}

/** Options with their defaults, checked. */
export interface ExplodeColumnSettings {
  readonly column: string;
  readonly into: string;
  readonly collision: Collision;
  readonly empty: "null" | "drop";
  readonly columns: readonly string[];
  readonly onFailure: OnFailure<Row, ColumnFailurePolicy>;
  readonly onWarning: (warning: ColumnWarning) => void;
  readonly longNumbers: "bigint" | "text";
  readonly mapCell: (cell: unknown) => unknown;
  readonly maxOutputsPerRow: number;
}

const EXPLODE_COLUMN_OPTIONS: OptionChecks<ExplodeColumnOptions> = {
  column: required(aText, "the name of a column"),
  into: aText,
  collision: oneOf(...COLLISIONS),
  empty: oneOf("null", "drop"),
  columns: texts,
  onFailure: anOnFailure("keep", "drop", "null", "throw"),
  onWarning: aFunction,
  longNumbers: oneOf("bigint", "text"),
  mapCell: aFunction,
  maxOutputsPerRow: wholeNumber(1),
};

/** Checks the options and fills in the defaults. */
export function explodeColumnSettings(
  options: ExplodeColumnOptions,
  defaults: Pick<ExplodeColumnSettings, "onFailure" | "onWarning">,
): ExplodeColumnSettings {
  checkOptions("explodeColumn", options, EXPLODE_COLUMN_OPTIONS);
  const { column, into = column, collision = "suffix", empty = "null", columns = [into] } = options;
  const {
    onFailure = defaults.onFailure,
    onWarning = defaults.onWarning,
    longNumbers = "bigint",
    mapCell = (cell: unknown) => cell,
    maxOutputsPerRow = 10_000,
  } = options;
  return {
    column,
    into,
    collision,
    empty,
    columns,
    onFailure,
    onWarning,
    longNumbers,
    mapCell,
    maxOutputsPerRow,
  };
}

/**
 * Makes one row of each element of the list in a column; no model is asked. The keys of an object become columns in
 * place of the column, after the others. Any other element stays in the column. A row that lacks the column counts as
 * one with an empty cell.
 *
 * @param index 0-based position of the row, for messages and failures.
 * @throws ParrotError `ROW_FAILED` for a row that fails (`INVALID_CELL`, `TOO_MANY_OUTPUTS`), unless
 * `onFailure` says otherwise; `INVALID_OPTION`
 */
export function explodeColumn<R extends Row>(
  row: R,
  options: ExplodeColumnOptions<R>,
  index: number = 0,
): Generator<Row> {
  return explodeCell(row, explodeColumnSettings(options as ExplodeColumnOptions, DEFAULTS), index);
}

const DEFAULTS = { onFailure: "throw", onWarning: () => undefined } as const;

/** {@linkcode explodeColumn} with checked options. */
export function* explodeCell(row: Row, settings: ExplodeColumnSettings, index: number): Generator<Row> {
  const { column, columns, empty, onFailure, onWarning } = settings;
  const nulls = Object.fromEntries(columns.map((name) => [name, null]));
  const reading = readElements(getCell(row, column), settings);
  if (!reading.ok) {
    const message = `Cannot explode column ${JSON.stringify(column)} of ${rowName(index)}: ${reading.problem}`;
    const policy = settleFailure(failedItem(row, index, reading.code, message), onFailure, "keep");
    if (policy === "keep") yield row;
    else if (policy === "null") yield* elementRows(row, [nulls], settings, index);
    return;
  }
  for (const warning of warningsOf(row, reading, settings, index)) onWarning(warning);
  if (reading.elements.length > 0) {
    yield* elementRows(row, reading.elements, settings, index);
  } else if (empty === "null") {
    yield* elementRows(row, [nulls], settings, index);
  }
}

function* warningsOf(
  row: Row,
  { isRepaired, rounded }: { readonly isRepaired: boolean; readonly rounded: string | undefined },
  { column }: ExplodeColumnSettings,
  index: number,
): Generator<ColumnWarning> {
  const name = JSON.stringify(column);
  const where = `Column ${name} of ${rowName(index)}`;
  if (!Object.hasOwn(row, column))
    yield { index, row, code: "NO_COLUMN", message: `${rowName(index)} has no column ${name}` };
  if (isRepaired) {
    const message = `${where} is not valid JSON and was repaired`;
    yield { index, row, code: "REPAIRED", message };
  }
  if (rounded !== undefined) {
    const number = clip(rounded, 60);
    const message = `${where} has a number with more digits than JavaScript's numbers hold, which was rounded: ${number}`;
    yield { index, row, code: "ROUNDED", message };
  }
}

function* elementRows(
  row: Row,
  elements: readonly unknown[],
  { column, into, collision, mapCell }: ExplodeColumnSettings,
  index: number,
): Generator<Row> {
  const added = new Set<string>();
  for (const element of elements) {
    for (const name of isPlainObject(element) ? Object.keys(element) : [into]) added.add(name);
  }
  const isTaken = (name: string): boolean => name !== column && Object.hasOwn(row, name);
  // Names are decided once for the cell, so that all its rows have the same columns.
  const renamed = resolveCollisions(collision, added, isTaken, index);
  for (const element of elements) {
    const cells = isPlainObject(element) ? Object.entries(element) : [[into, element] as const];
    const mapped = Object.fromEntries(cells.map(([name, cell]) => [name, mapCell(cell)]));
    yield rowWith(row, column, mapped, renamed);
  }
}

function rowWith(row: Row, column: string, cells: Row, renamed: Renamed): Row {
  const exploded: Row = {};
  for (const name of Object.keys(row)) {
    // A new cell of the same name takes the column's place among the others.
    if (name !== column || Object.hasOwn(cells, name)) setCell(exploded, name, row[name]);
  }
  addCells(exploded, cells, renamed);
  return exploded;
}
