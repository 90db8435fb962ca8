import { anything, pickOptions, type OptionChecks } from "@parallel-parrot/core";
import { CSV_SOURCE_OPTIONS, csvSource, tsvSource, type CsvSourceOptions } from "./csv/csv-source.ts";
import { chooseFormat, type Format } from "./format-of.ts";
import { JSON_SOURCE_OPTIONS, jsonSource, type JsonSourceOptions } from "./json/json-source.ts";
import { jsonlSource } from "./json/jsonl-source.ts";
import { checkSource } from "./source/check-source.ts";
import { nameInput, type Input } from "./source/read-input.ts";
import type { RowSource } from "./source/row-source.ts";

/** Options of {@linkcode openSource}; those of CSV do nothing for JSON, and the other way round. */
export interface OpenSourceOptions extends CsvSourceOptions, JsonSourceOptions {
  /** @default by the path's extension; a standard stream or stream needs it */
  readonly format?: Format;
}

const OPEN_SOURCE_OPTIONS: OptionChecks<OpenSourceOptions> = {
  ...CSV_SOURCE_OPTIONS,
  ...JSON_SOURCE_OPTIONS,
  // `chooseFormat` has a message of its own for an unknown format.
  format: anything,
};

/** The source of each format, with those of the options that it takes. */
const SOURCES: Readonly<Record<Format, (input: Input, options: OpenSourceOptions) => RowSource>> = {
  csv: (input, options) => csvSource(input, pickOptions(options, CSV_SOURCE_OPTIONS)),
  tsv: (input, options) => tsvSource(input, pickOptions(options, CSV_SOURCE_OPTIONS)),
  jsonl: (input, options) => jsonlSource(input, pickOptions(options, JSON_SOURCE_OPTIONS)),
  json: (input, options) => jsonSource(input, pickOptions(options, JSON_SOURCE_OPTIONS)),
};

/** The source that an input's file name extension, or the option `format`, asks for. */
export function openSource(input: Input, options: OpenSourceOptions = {}): RowSource {
  checkSource("openSource", input, options, OPEN_SOURCE_OPTIONS);
  return SOURCES[chooseFormat(options.format, nameInput(input).position.file)](input, options);
}
