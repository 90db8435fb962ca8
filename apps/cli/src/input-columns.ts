import { missingColumns, ParrotError } from "@parallel-parrot/core";
import type { OpenSourceOptions, RowSource } from "@parallel-parrot/formats";
import { scanInput } from "./scan-input.ts";

/**
 * All columns of an input, from its header or else by reading the file once; `undefined` for what can be read only
 * once and has no header.
 */
export async function inputColumns(
  source: RowSource,
  input: string,
  options: OpenSourceOptions,
): Promise<readonly string[] | undefined> {
  return (await source.columns()) ?? (await scanInput(input, options))?.columns;
}

/** Checks that an input has the columns that options name; of an input without columns there is nothing to check. */
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

/** The error of a CSV whose cells are separated by something else: it has a single column that holds them all. */
export function delimiterError(
  input: string,
  columns: readonly string[],
  cause: unknown,
): ParrotError | undefined {
  const [, delimiter] = columns.length === 1 ? (/([;\t|])/.exec(columns[0] ?? "") ?? []) : [];
  if (delimiter === undefined) return undefined;
  const name =
    delimiter === "\t" ? "a tab: say --from tsv" : `"${delimiter}": say --delimiter "${delimiter}"`;
  return new ParrotError(
    "INVALID_INPUT",
    `${input} has a single column, "${columns[0]}"; its cells seem to be separated by ${name}`,
    { cause, file: input, option: "--delimiter" },
  );
}
