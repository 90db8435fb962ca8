import { ParrotError } from "@parallel-parrot/core";

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
