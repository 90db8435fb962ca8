import { getCell, parseJson, rowName, setCell, type Row } from "@parallel-parrot/core";
import { requireCount, requireOneOf, requireText, requireTexts } from "./check-option.ts";
import { addCells, COLLISIONS, resolveCollisions, type Collision, type Renamed } from "./collision.ts";
import { failedItem, requireOnFailure, settleFailure, type OnFailure } from "./on-failure.ts";
import { isPlainObject } from "./plain-object.ts";

/** Options for `explodeColumn` and `explodeColumnStream`. */
export interface ExplodeColumnOptions<R extends Row = Row> {
  /** Column that holds a list, or one object, as JSON text or as a value. */
  readonly column: string;
  /** Column for elements that are not objects. @default the same column */
  readonly into?: string;
  /** What to do with an object's key that another column is called. @default "suffix" */
  readonly collision?: Collision;
  /** What an empty list, an empty cell or none gives: one row with null, or none. @default "null" */
  readonly empty?: "null" | "drop";
  /** Columns that get nulls in place of `into` in a row without elements. */
  readonly columns?: readonly string[];
  /**
   * What becomes of rows whose cell cannot be read. A stream without it drops them and emits one process
   * warning at its end; `explodeColumn` without it throws.
   */
  readonly onFailure?: OnFailure<R>;
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
  readonly onFailure: OnFailure;
  readonly maxOutputsPerRow: number;
}

/** Fills in the defaults. */
export function explodeColumnSettings(
  options: ExplodeColumnOptions,
  defaultOnFailure: OnFailure,
): ExplodeColumnSettings {
  const { column, into = column, collision = "suffix", empty = "null", columns = [into] } = options;
  const { onFailure = defaultOnFailure, maxOutputsPerRow = 10_000 } = options;
  requireText("column", column);
  requireText("into", into);
  requireOneOf("collision", collision, COLLISIONS);
  requireOneOf("empty", empty, ["null", "drop"]);
  requireTexts("columns", columns);
  requireOnFailure(onFailure);
  requireCount("maxOutputsPerRow", maxOutputsPerRow);
  return { column, into, collision, empty, columns, onFailure, maxOutputsPerRow };
}

/**
 * Makes one row of each element of the list in a column, without any model. An object's keys become columns
 * after the others, in place of the column; another element stays in it.
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
  return explodeCell(row, explodeColumnSettings(options as ExplodeColumnOptions, "throw"), index);
}

/** {@linkcode explodeColumn} with checked options. */
export function* explodeCell(row: Row, settings: ExplodeColumnSettings, index: number): Generator<Row> {
  const { column, columns, empty, maxOutputsPerRow, onFailure } = settings;
  const nulls = Object.fromEntries(columns.map((name) => [name, null]));
  const reading = readElements(getCell(row, column), maxOutputsPerRow);
  if (!reading.ok) {
    const message = `Cannot explode column ${JSON.stringify(column)} of ${rowName(index)}: ${reading.problem}`;
    const isKept = settleFailure(failedItem(row, index, reading.code, message), onFailure);
    if (isKept) yield* elementRows(row, [nulls], settings, index);
  } else if (reading.elements.length > 0) {
    yield* elementRows(row, reading.elements, settings, index);
  } else if (empty === "null") {
    yield* elementRows(row, [nulls], settings, index);
  }
}

type Reading =
  | { readonly ok: true; readonly elements: readonly unknown[] }
  | { readonly ok: false; readonly code: "INVALID_CELL" | "TOO_MANY_OUTPUTS"; readonly problem: string };

function readElements(cell: unknown, most: number): Reading {
  let value = cell;
  if (typeof cell === "string") {
    if (cell.trim() === "") return { ok: true, elements: [] };
    try {
      value = parseJson(cell);
    } catch (error) {
      return {
        ok: false,
        code: "INVALID_CELL",
        problem: error instanceof Error ? error.message : String(error),
      };
    }
  }
  const elements = elementsOf(value);
  if (elements === undefined) {
    return { ok: false, code: "INVALID_CELL", problem: `expected a list or an object, got ${typeof value}` };
  }
  if (elements.length <= most) return { ok: true, elements };
  const problem = `${elements.length} elements, at most ${most} are allowed`;
  return { ok: false, code: "TOO_MANY_OUTPUTS", problem };
}

function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  return isPlainObject(value) ? [value] : undefined;
}

function* elementRows(
  row: Row,
  elements: readonly unknown[],
  { column, into, collision }: ExplodeColumnSettings,
  index: number,
): Generator<Row> {
  const added = new Set<string>();
  for (const element of elements) {
    for (const name of isPlainObject(element) ? Object.keys(element) : [into]) added.add(name);
  }
  const isTaken = (name: string): boolean => name !== column && Object.hasOwn(row, name);
  // Names are settled once for the cell, so that its rows agree.
  const renamed = resolveCollisions(collision, added, isTaken, index);
  for (const element of elements) {
    const cells = isPlainObject(element) ? element : Object.fromEntries([[into, element]]);
    yield rowWith(row, column, cells, renamed);
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
