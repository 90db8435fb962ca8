import {
  aText,
  checkOptions,
  isPlainObject,
  mapStream,
  type OptionChecks,
  type Row,
  setCell,
  type Stage,
  wholeNumber,
} from "@parallel-parrot/core";
import { requireColumns } from "./check-option.ts";
import { freeName } from "./collision.ts";

/** Deep enough for any data, and not so deep that the stack overflows. */
const MAX_DEPTH = 1000;

/** Options for {@linkcode unnest} and {@linkcode unnestStream}. */
export interface UnnestOptions {
  /** The only column to unnest. @default all columns that hold objects */
  readonly column?: string;
  /** The text between the parts of a name. @default "." */
  readonly separator?: string;
  /** How many levels of objects to unnest, from 1 to 1000. A deeper object stays a cell. @default 32 */
  readonly depth?: number;
}

/**
 * Makes columns such as `author.name` of the objects in a row, in the place of each object. Lists, empty objects and
 * instances of classes stay cells. Where the row has a column of that name already, the new one is called `name_2`, or
 * gets the next free number.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function unnest(row: Row, options: UnnestOptions = {}): Row {
  return unnestRow(row, unnestSettings(options));
}

/** Options for {@linkcode unnestStream}. */
export interface UnnestStreamOptions extends UnnestOptions {
  /**
   * Whether the run fails at once when the first row lacks `column`. Turn it off for rows that do not all have the
   * same columns. @default true
   */
  readonly checkFirstRow?: boolean;
}

/**
 * {@linkcode unnest} as a stage.
 *
 * @throws ParrotError `INVALID_OPTION` at once; `MISSING_COLUMN` on the stream, for the first row
 */
export function unnestStream<R extends Row>(options: UnnestStreamOptions = {}): Stage<R, Row> {
  const { checkFirstRow = true, ...unnestOptions } = options;
  const settings = unnestSettings(unnestOptions);
  const { column } = settings;
  let isFirst = checkFirstRow && column !== undefined;
  return mapStream((row: R) => {
    if (isFirst && column !== undefined) requireColumns("column", row, [column]);
    isFirst = false;
    return unnestRow(row, settings);
  });
}

interface UnnestSettings {
  readonly column: string | undefined;
  readonly separator: string;
  readonly depth: number;
}

const UNNEST_OPTIONS: OptionChecks<UnnestOptions> = {
  column: aText,
  separator: aText,
  depth: wholeNumber(1, MAX_DEPTH),
};

function unnestSettings(options: UnnestOptions): UnnestSettings {
  checkOptions("unnest", options, UNNEST_OPTIONS);
  const { column, separator = ".", depth = 32 } = options;
  return { column, separator, depth };
}

function unnestRow(row: Row, { column, separator, depth }: UnnestSettings): Row {
  const columns = Object.keys(row);
  const isUnnested = (name: string): boolean =>
    (column === undefined || name === column) && isNested(row[name]);
  if (!columns.some(isUnnested)) return row;

  const staying = new Set(columns.filter((name) => !isUnnested(name)));
  const flat: Row = {};
  const isTaken = (name: string): boolean => staying.has(name) || Object.hasOwn(flat, name);
  for (const name of columns) {
    if (staying.has(name)) {
      setCell(flat, name, row[name]);
      continue;
    }
    for (const [path, cell] of leavesOf(row[name], name, separator, depth)) {
      setCell(flat, isTaken(path) ? freeName(path, isTaken) : path, cell);
    }
  }
  return flat;
}

function* leavesOf(
  value: unknown,
  path: string,
  separator: string,
  depth: number,
): Generator<[path: string, cell: unknown]> {
  if (depth === 0 || !isNested(value)) {
    yield [path, value];
    return;
  }
  for (const key of Object.keys(value)) {
    yield* leavesOf(value[key], `${path}${separator}${key}`, separator, depth - 1);
  }
}

function isNested(value: unknown): value is Row {
  return isPlainObject(value) && Object.keys(value).length > 0;
}
