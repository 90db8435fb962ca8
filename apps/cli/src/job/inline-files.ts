import { longOf } from "../flags/flag.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { GenerateOptions } from "../flags/options.ts";
import { readText } from "../files/read-text.ts";
import { usualBaseUrl } from "./base-url.ts";
import { isSameProvider } from "./job.ts";

/**
 * Options with the texts of the files that they name, and with the base URL that holds here. A run that is resumed,
 * perhaps in another terminal, must not find these changed. Keys are left out.
 */
export async function inlineFiles<T extends GenerateOptions>(
  options: T,
): Promise<
  T & { readonly promptText?: string; readonly schemaText?: string; readonly extraBodyText?: string }
> {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const texts: Partial<Record<"promptText" | "schemaText" | "extraBodyText", string>> = {};
  for (const [name, row] of JOB_ROWS) {
    const file = values[name];
    // A job file may have the text itself.
    const hasText = row.inlinedAs !== undefined && values[row.inlinedAs] !== undefined;
    if (row.inlinedAs !== undefined && !hasText && typeof file === "string")
      texts[row.inlinedAs] = await readText(file, longOf(row));
  }
  const isOfAll = (options.compare ?? []).every((model) => isSameProvider(model, options.model));
  const baseUrl = options.baseUrl ?? (isOfAll ? usualBaseUrl(options.model) : undefined);
  return { ...options, ...texts, ...(baseUrl === undefined ? {} : { baseUrl }) };
}
