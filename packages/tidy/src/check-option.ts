import { missingColumns, type Row } from "@parallel-parrot/core";

/** Throws `MISSING_COLUMN` unless the first row has each of the columns that an option names. */
export function requireColumns(option: string, row: Row, columns: readonly string[]): void {
  const missing = columns.filter((column) => !Object.hasOwn(row, column));
  if (missing.length === 0) return;
  const problem = `Cannot use the option ${option}: the first row has no column`;
  throw missingColumns(problem, missing, Object.keys(row), { option });
}
