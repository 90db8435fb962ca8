import { ParrotError } from "@parallel-parrot/core";
import { extensionOf, formatOf, traitsOf, type CsvLayout, type Format } from "@parallel-parrot/formats";
import type { ReadingOptions } from "../flags/options.ts";

interface FormatOptions {
  readonly to?: Format | undefined;
  readonly datasetDir?: string | undefined;
  readonly outputDir?: string | undefined;
}

/**
 * The format of an output: as given, or by its name, or that of the input on standard output and with one output for
 * each input. A dataset is Parquet.
 */
export function outputFormatOf(
  output: string,
  { to, datasetDir, outputDir }: FormatOptions,
  input: { readonly format: Format | undefined },
): Format {
  if (datasetDir !== undefined) return "parquet";
  const format = to ?? (output === "-" || outputDir !== undefined ? input.format : formatOf(output).format);
  if (format !== undefined) return format;
  throw new ParrotError(
    "UNKNOWN_FORMAT",
    "Cannot tell the format of the output, as the inputs have several; name it with --to, or a file with -o",
    { option: "--to" },
  );
}

/** `out.csv` → `out.partial.csv`, `out.jsonl.gz` → `out.partial.jsonl.gz`, `out` → `out.partial`. */
export function partialName(output: string): string {
  return nameWith(output, "partial");
}

/** A file's name with a word before its extension. */
export function nameWith(file: string, word: string): string {
  const extension = extensionOf(file);
  return `${file.slice(0, file.length - extension.length)}.${word}${extension}`;
}

/**
 * The options for how a text table is written: as its input was, where that has the same format. What separates its
 * cells is also taken from the option, where the format takes it.
 */
export function outputLayoutOf(
  to: Format,
  { delimiter: asked }: Pick<ReadingOptions, "delimiter">,
  input: { readonly format: Format | undefined; readonly layout: CsvLayout | undefined },
): Partial<CsvLayout> {
  const { delimiter: found, ...lines }: Partial<CsvLayout> = (input.format === to && input.layout) || {};
  const delimiter = asked ?? found;
  return { ...lines, ...(delimiter !== undefined && traitsOf(to).takesDelimiter ? { delimiter } : {}) };
}

/** What the sheet or table that is written is called, where the options give it a name. */
export function outputNamesOf({ sheet, table }: Pick<ReadingOptions, "sheet" | "table">): {
  readonly sheet?: string;
  readonly table?: string;
} {
  // A number says which sheet is read, and is no name.
  const isName = sheet !== undefined && !/^\d+$/.test(sheet);
  return { ...(isName ? { sheet } : {}), ...(table === undefined ? {} : { table }) };
}
