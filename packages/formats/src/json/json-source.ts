import { aText, oneOf, type OptionChecks } from "@parallel-parrot/core";
import type { Input } from "../source/read-input.ts";
import { checkSource, SOURCE_OPTIONS } from "../source/check-source.ts";
import type { RowSource, SourceOptions } from "../source/row-source.ts";
import { textSource } from "../source/text-source.ts";
import { JsonParser } from "./json-parser.ts";
import { jsonValueParser, type JsonValueOptions } from "./json-value-parser.ts";
import { JsonReading } from "./shapes/json-reading.ts";

/** Options of {@linkcode jsonSource} and `jsonlSource`. */
export interface JsonSourceOptions extends SourceOptions, JsonValueOptions {
  /**
   * Where the rows lie in a JSON object: the key of the list of them, or the keys from the outside in, with dots
   * between, such as `response.data`. `"."`: each object is itself a row. JSON Lines do not heed it.
   * @default the only list of objects in an only object, or the data frame that it is, which `notes` tell; otherwise
   * each object is a row
   */
  readonly records?: string;
}

/** What the options of {@linkcode jsonSource} and `jsonlSource` may be. */
export const JSON_SOURCE_OPTIONS: OptionChecks<JsonSourceOptions> = {
  ...SOURCE_OPTIONS,
  longNumbers: oneOf("bigint", "text"),
  nan: oneOf("null", "error"),
  records: aText,
};

/**
 * Rows from JSON, read row by row: no list is ever in memory whole. The rows are the elements of an array; or objects
 * one after the other, as jq writes them; or they lie in a list in an object; or they are a data frame as pandas
 * writes it by `orient="split"` or `"columns"`.
 */
export function jsonSource(input: Input, options: JsonSourceOptions = {}): RowSource {
  checkSource("jsonSource", input, options, JSON_SOURCE_OPTIONS);
  return textSource(input, options, (name, maxBytes, noted) => {
    const parse = jsonValueParser(options, noted.notes);
    return new JsonParser(new JsonReading(name, maxBytes, parse, noted), options.records);
  });
}
