import { missingColumns } from "@parallel-parrot/core";
import type { RowSource } from "@parallel-parrot/formats";
import { delimiterError } from "./delimiter-error.ts";
import type { RowInput } from "./row-input.ts";
import { scanInput } from "./scan-input.ts";

/**
 * All columns of an input, from its header or by reading the file once; `undefined` for an input that has no header
 * and can be read only once.
 */
export async function inputColumns(
  source: RowSource,
  input: RowInput,
): Promise<readonly string[] | undefined> {
  return (await source.columns()) ?? (await scanInput(input))?.columns;
}

/** Makes sure that an input has the columns that options name. An input without any columns passes. */
export function requireInputColumns(
  input: string,
  columns: readonly string[] | undefined,
  named: readonly (readonly [option: string, column: string])[],
): void {
  if (columns === undefined || columns.length === 0) return;
  const missing = named.find(([, column]) => !columns.includes(column));
  if (missing === undefined) return;
  const [option, column] = missing;
  const error = missingColumns(`${input} has no column`, [column], columns, { option });
  throw delimiterError(input, columns, error) ?? error;
}
