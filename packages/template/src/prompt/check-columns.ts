import { missingColumns, type Row } from "@parallel-parrot/core";
import { compilePrompt } from "./compile-prompt.ts";
import type { PromptTemplate } from "./prompt-template.ts";

/**
 * The columns that a prompt needs, each once. A path such as `author.name` is given whole, and a column with a
 * default is not needed. What a function needs is not known, so it counts as nothing.
 *
 * @throws ParrotError `INVALID_TEMPLATE`
 */
export function columnsOf<R extends Row>(prompt: PromptTemplate<R>): readonly string[] {
  return compilePrompt(prompt).columns;
}

/**
 * Checks before anything is sent that the input has the columns that a prompt needs. For a path, a column with the
 * name of its first segment is enough.
 *
 * @throws ParrotError `MISSING_COLUMN` with the nearest names there are; `INVALID_TEMPLATE`
 */
export function checkColumns<R extends Row>(prompt: PromptTemplate<R>, columns: readonly string[]): void {
  requireColumns(columnsOf(prompt), columns);
}

/** {@linkcode checkColumns} for a prompt that has been compiled. */
export function requireColumns(needed: readonly string[], columns: readonly string[]): void {
  const existing = new Set(columns);
  const missing = needed.filter((name) => !existing.has(name) && !isPathInto(name, existing));
  if (missing.length > 0) throw missingColumns("Cannot fill the template: no column", missing, columns);
}

function isPathInto(name: string, existing: ReadonlySet<string>): boolean {
  const dot = name.indexOf(".");
  return dot !== -1 && existing.has(name.slice(0, dot));
}
