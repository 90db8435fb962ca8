import type { Input } from "./byte-reader.ts";
import { JsonParser } from "./json-parser.ts";
import { rowSource, type RowSource, type SourceOptions } from "./row-source.ts";
import { checkSource } from "./format-options.ts";

/** Rows from one JSON array of objects, read element by element: the array is never in memory whole. */
export function jsonSource(input: Input, options: SourceOptions = {}): RowSource {
  checkSource("jsonSource", input, options);
  return rowSource(input, options, (name, maxBytes, lines) => new JsonParser(name, maxBytes, lines));
}
