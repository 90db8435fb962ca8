import {
  extensionOf,
  formatOf,
  traitsOf,
  type Format,
  type OpenSinkOptions,
  type OpenSourceOptions,
} from "@parallel-parrot/formats";
import type { ReadingOptions } from "../flags/options.ts";

/** The formats of input and output: as given, or by the name, or for the output that of the input. */
export function formatsOf(
  input: string,
  output: string,
  options: { readonly from?: Format | undefined; readonly to?: Format | undefined },
): { readonly from: Format; readonly to: Format } {
  const from = options.from ?? formatOf(input).format;
  const to = options.to ?? (output === "-" ? from : formatOf(output).format);
  return { from, to };
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

/** The options of a source that follow from those of a command, besides the format. */
export function inputOptionsOf(options: ReadingOptions): Omit<OpenSourceOptions, "format"> {
  return {
    ...delimiterOf(options),
    longNumbers: options.longNumbers === "text" ? "text" : "bigint",
    ...(options.quotes === false ? { quotes: false } : {}),
    ...(options.ragged === undefined ? {} : { ragged: options.ragged }),
  };
}

/** The option for what separates the cells that are written, where one was given and the format takes it. */
export function outputDelimiterOf(
  format: Format,
  options: Pick<ReadingOptions, "delimiter">,
): Pick<OpenSinkOptions, "delimiter"> {
  return traitsOf(format).takesDelimiter ? delimiterOf(options) : {};
}

function delimiterOf({ delimiter }: { readonly delimiter?: string | undefined }): {
  readonly delimiter?: string;
} {
  return delimiter === undefined ? {} : { delimiter };
}
