import { ParrotError } from "@parallel-parrot/core";
import { checkColumns } from "@parallel-parrot/template";
import type { RunOptions } from "./run-options.ts";

/** Checks the template; a wrong delimiter shows as a single column that holds them all. */
export function checkTemplateColumns(
  input: string,
  columns: readonly string[],
  { prompt }: Pick<RunOptions, "prompt">,
): void {
  try {
    checkColumns(prompt, columns);
  } catch (cause) {
    const [, delimiter] = columns.length === 1 ? (/([;\t|])/.exec(columns[0] ?? "") ?? []) : [];
    if (delimiter === undefined) throw cause;
    const name =
      delimiter === "\t" ? "a tab: say --from tsv" : `"${delimiter}": say --delimiter "${delimiter}"`;
    throw new ParrotError(
      "INVALID_INPUT",
      `${input} has a single column, "${columns[0]}"; its cells seem to be separated by ${name}`,
      { cause, file: input, option: "--delimiter" },
    );
  }
}
