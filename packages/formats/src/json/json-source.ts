import { oneOf, type OptionChecks } from "@parallel-parrot/core";
import type { Input } from "../source/read-input.ts";
import { checkSource, SOURCE_OPTIONS } from "../source/check-source.ts";
import { JsonParser } from "./json-parser.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import { rowParser } from "./parse-row.ts";
import type { RowSource, SourceOptions } from "../source/row-source.ts";
import { textSource } from "../source/text-source.ts";

/** Options of {@linkcode jsonSource} and `jsonlSource`. */
export interface JsonSourceOptions extends SourceOptions, LongNumbersOption {}

/** What the options of {@linkcode jsonSource} and `jsonlSource` may be. */
export const JSON_SOURCE_OPTIONS: OptionChecks<JsonSourceOptions> = {
  ...SOURCE_OPTIONS,
  longNumbers: oneOf("bigint", "text"),
};

/** Rows from one JSON array of objects, read element by element: the array is never in memory whole. */
export function jsonSource(input: Input, options: JsonSourceOptions = {}): RowSource {
  checkSource("jsonSource", input, options, JSON_SOURCE_OPTIONS);
  const { longNumbers = "bigint" } = options;
  return textSource(
    input,
    options,
    (name, maxBytes, { lines, notes }) =>
      new JsonParser(name, maxBytes, lines, rowParser(longNumbers, notes)),
  );
}
