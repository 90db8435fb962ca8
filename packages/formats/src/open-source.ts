import { nameInput, type Input } from "./source/byte-reader.ts";
import { csvSource, tsvSource, type CsvSourceOptions } from "./csv/csv-source.ts";
import { chooseFormat, type Format } from "./format-of.ts";
import { jsonSource, type JsonSourceOptions } from "./json/json-source.ts";
import { jsonlSource } from "./json/jsonl-source.ts";
import type { RowSource } from "./source/row-source.ts";
import { checkSource } from "./format-options.ts";

/** Options of {@linkcode openSource}; those of CSV do nothing for JSON, and the other way round. */
export interface OpenSourceOptions extends CsvSourceOptions, JsonSourceOptions {
  /** @default by the path's extension; a standard stream or stream needs it */
  readonly format?: Format;
}

const SOURCES = { csv: csvSource, tsv: tsvSource, jsonl: jsonlSource, json: jsonSource };

/** The source that an input's file name extension, or the option `format`, asks for. */
export function openSource(input: Input, options: OpenSourceOptions = {}): RowSource {
  checkSource("openSource", input, options, "open");
  const { format: asked, longNumbers, ...csvOptions } = options;
  const format = chooseFormat(asked, nameInput(input).position.file);
  if (format === "csv" || format === "tsv") return SOURCES[format](input, csvOptions);
  const {
    delimiter: _,
    quotes: _quotes,
    ragged: _ragged,
    duplicateHeaders: _headers,
    ...others
  } = csvOptions;
  return SOURCES[format](input, { ...others, ...(longNumbers === undefined ? {} : { longNumbers }) });
}
