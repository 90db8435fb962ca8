import { checkColumns, type PromptTemplate } from "@parallel-parrot/template";
import { delimiterError } from "./delimiter-error.ts";

/** Checks the template against the columns; of an input without columns there is nothing to check. */
export function checkTemplateColumns(
  input: string,
  columns: readonly string[] | undefined,
  { prompt }: { readonly prompt: PromptTemplate },
): void {
  if (columns === undefined || columns.length === 0) return;
  try {
    checkColumns(prompt, columns);
  } catch (error) {
    throw delimiterError(input, columns, error) ?? error;
  }
}
