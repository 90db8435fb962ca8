import type { Input } from "../source/byte-reader.ts";
import { JsonParser } from "./json-parser.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import { rowParser } from "./parse-row.ts";
import { rowSource, type RowSource, type SourceOptions } from "../source/row-source.ts";
import { checkSource } from "../format-options.ts";

/** Options of {@linkcode jsonSource} and `jsonlSource`. */
export interface JsonSourceOptions extends SourceOptions, LongNumbersOption {}

/** Rows from one JSON array of objects, read element by element: the array is never in memory whole. */
export function jsonSource(input: Input, options: JsonSourceOptions = {}): RowSource {
  checkSource("jsonSource", input, options);
  const { longNumbers = "bigint" } = options;
  return rowSource(
    input,
    options,
    (name, maxBytes, { lines, rounded }) =>
      new JsonParser(name, maxBytes, lines, rowParser(longNumbers, rounded)),
  );
}
