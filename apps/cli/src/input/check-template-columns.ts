import { checkColumns, type PromptTemplate } from "@parallel-parrot/template";
import { delimiterError } from "./delimiter-error.ts";

/** Makes sure that the input has the columns that the template needs. An input without any columns passes. */
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
