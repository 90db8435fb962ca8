import {
  aBoolean,
  aFunction,
  aText,
  checkOptions,
  expecting,
  isObject,
  oneOf,
  type OptionCheck,
  type OptionChecks,
  optionsOf,
  ParrotError,
  type Row,
  texts,
  wholeNumber,
} from "@parallel-parrot/core";
import { COLLISIONS, type Collision } from "./collision.ts";
import { anOnFailure, type OnFailure } from "./on-failure.ts";

/** Names for the columns that tell where a row came from. */
export interface LineageColumns {
  /** 0-based position of the input row. @default "_row" */
  readonly row?: string;
  /** 0-based number of the choice. @default "_choice" */
  readonly choice?: string;
  /** 0-based number of the output within its choice. @default "_item" */
  readonly item?: string;
  /**
   * The codes of the warnings that the answer has, such as `REPAIRED,TRUNCATED`, or null. @default "_warnings"
   */
  readonly warnings?: string;
}

/** Options for `explode` and `explodeStream`. */
export interface ExplodeOptions<R extends Row = Row> {
  /** Input columns that stay, before the outputs' columns. @default "all" */
  readonly keep?: "all" | "none" | readonly string[];
  /**
   * Whether a stream fails at once when the first row lacks a column of `keep`. Turn it off for rows that do not all
   * have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
  /** Adds columns at the end, with the positions of row, choice and output and with the warnings. @default false */
  readonly lineage?: boolean | LineageColumns;
  /** Whether of equal outputs of one row only the first comes out. The order of keys does not count. @default true */
  readonly dedupe?: boolean;
  /** Is called for each output that `dedupe` leaves out. @default nothing is called */
  readonly onDuplicate?: () => void;
  /** What an item without outputs gives: one row with nulls, or no row. @default "null" */
  readonly empty?: "null" | "drop";
  /** What to do with a column of an output where the input has one of that name. @default "suffix" */
  readonly collision?: Collision;
  /**
   * What becomes of failed rows; `"null"` needs `columns`. Without this option a stream drops them and emits one process
   * warning at its end, and `explode` throws.
   */
  readonly onFailure?: OnFailure<R>;
  /** Columns that get nulls in a row without outputs. @default the item's known columns */
  readonly columns?: readonly string[];
  /** A row with more outputs than this fails with `TOO_MANY_OUTPUTS`. @default 10_000 */
  readonly maxOutputsPerRow?: number;
  /**
   * Turns each cell of an output into the cell that comes out, such as text that is escaped for a spreadsheet. What
   * it throws fails the row. @default cells stay as they are
   */
  readonly mapCell?: (cell: unknown) => unknown;
}

/** Options whose literal types tell the type of the rows. A name that is not an option does not compile. */
export type ExactOptions<O, R extends Row> = O &
  ExplodeOptions<R> & { readonly [Name in Exclude<keyof O, keyof ExplodeOptions>]: never };

/** Options with their defaults, checked. */
export interface ExplodeSettings {
  readonly keep: "all" | "none" | readonly string[];
  readonly lineage: Required<LineageColumns> | undefined;
  readonly dedupe: boolean;
  readonly onDuplicate: (() => void) | undefined;
  readonly empty: "null" | "drop";
  readonly collision: Collision;
  readonly onFailure: OnFailure;
  readonly columns: readonly string[] | undefined;
  readonly maxOutputsPerRow: number;
  readonly mapCell: ((cell: unknown) => unknown) | undefined;
}

const lineageNames: OptionCheck = optionsOf<LineageColumns>({
  row: aText,
  choice: aText,
  item: aText,
  warnings: aText,
});

/** The checks of the options of `explode`. */
export const EXPLODE_OPTIONS: OptionChecks<ExplodeOptions> = {
  keep: expecting(
    '"all", "none" or a list of columns',
    (value) => value === "all" || value === "none" || texts.problemOf(value, "") === undefined,
  ),
  checkFirstRow: aBoolean,
  lineage: {
    problemOf: (value, option) =>
      isObject(value) ? lineageNames.problemOf(value, option) : aBoolean.problemOf(value, option),
  },
  dedupe: aBoolean,
  onDuplicate: aFunction,
  empty: oneOf("null", "drop"),
  collision: oneOf(...COLLISIONS),
  onFailure: anOnFailure("drop", "null", "throw"),
  columns: texts,
  maxOutputsPerRow: wholeNumber(1),
  mapCell: aFunction,
};

/** Checks the options and fills in the defaults. */
export function explodeSettings(options: ExplodeOptions, defaultOnFailure: OnFailure): ExplodeSettings {
  checkOptions("explode", options, EXPLODE_OPTIONS);
  const { keep = "all", dedupe = true, empty = "null", collision = "suffix", columns } = options;
  const { onDuplicate, onFailure = defaultOnFailure, maxOutputsPerRow = 10_000, mapCell } = options;
  if (columns === undefined && onFailure === "null") throw columnsNeeded();
  const lineage = lineageColumns(options.lineage);
  return {
    keep,
    lineage,
    dedupe,
    onDuplicate,
    empty,
    collision,
    onFailure,
    columns,
    maxOutputsPerRow,
    mapCell,
  };
}

function lineageColumns(lineage: ExplodeOptions["lineage"] = false): Required<LineageColumns> | undefined {
  if (lineage === false) return undefined;
  const names = lineage === true ? {} : lineage;
  const { row = "_row", choice = "_choice", item = "_item", warnings = "_warnings" } = names;
  return { row, choice, item, warnings };
}

function columnsNeeded(): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    'Cannot keep failed rows: onFailure is "null", but the option columns, which names the columns that get nulls, is missing',
    { option: "columns" },
  );
}
