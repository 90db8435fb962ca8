import { ParrotError } from "@parallel-parrot/core";

/**
 * The error for a CSV file with another delimiter, which shows as a single column with all names in it; `undefined`
 * for other files.
 */
export function delimiterError(
  input: string,
  columns: readonly string[],
  cause: unknown,
): ParrotError | undefined {
  const [, delimiter] = columns.length === 1 ? (/([;\t|])/.exec(columns[0] ?? "") ?? []) : [];
  if (delimiter === undefined) return undefined;
  const name =
    delimiter === "\t" ? "a tab: give --from tsv" : `"${delimiter}": give --delimiter "${delimiter}"`;
  return new ParrotError(
    "INVALID_INPUT",
    `${input} has a single column, "${columns[0]}"; its cells seem to be separated by ${name}`,
    { cause, file: input, option: "--delimiter" },
  );
}
