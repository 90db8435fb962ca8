import { ParrotError, rowName } from "@parallel-parrot/core";
import { TEXT, type ColumnType, type ColumnTypes } from "./column-type.ts";

/** Which columns an output has, for formats whose schema stands before the first row. */
export interface SchemaColumns {
  /** The columns that come first, in this order. */
  readonly columns: readonly string[];
  /** The types of those that have one; any other column is text. */
  readonly columnTypes: ColumnTypes;
}

/** The types of all columns, each as it is written; those of the first row where none are named. */
export function schemaTypes(
  { columns, columnTypes }: SchemaColumns,
  ofRow: readonly string[],
  written = (type: ColumnType): ColumnType => type,
): ColumnTypes {
  const named = new Set([...columns, ...columnTypes.keys()]);
  const names = named.size === 0 ? ofRow : [...named];
  return new Map(names.map((name) => [name, written(columnTypes.get(name) ?? TEXT)]));
}

/** The error of a row with a column that is not among those that come before the first row. */
export function newColumn(format: string, column: string, row: number): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${rowName(row)} as ${format}: its column "${column}" is not in the schema, which stands before the first row; ` +
      `name all columns in the option "columns", or write jsonl`,
    { row, column, option: "columns" },
  );
}
