import { anything, type OptionChecks } from "@parallel-parrot/core";
import { CSV_SOURCE_OPTIONS, type CsvSourceOptions } from "./csv/csv-source.ts";
import { chooseFormat } from "./format-of.ts";
import { FORMATS, type Format } from "./formats.ts";
import { JSON_SOURCE_OPTIONS, type JsonSourceOptions } from "./json/json-source.ts";
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

/** The source that an input's file name extension, or the option `format`, asks for. */
export function openSource(input: Input, options: OpenSourceOptions = {}): RowSource {
  checkSource("openSource", input, options, OPEN_SOURCE_OPTIONS);
  return FORMATS[chooseFormat(options.format, nameInput(input).position.file)].source(input, options);
}
