export { extractJson } from "./extract-json.ts";
export { listOf } from "./list-of.ts";
export { objectOf } from "./object-of.ts";
export { parseCompletion, parseStream } from "./parse-stream.ts";
export { text } from "./text.ts";
export type { ExtractedJson } from "./extract-json.ts";
export type { FromJsonSchema } from "./from-json-schema.ts";
export type { ListOptions, OutputOptions } from "./output-options.ts";
export type { RowOf, Spec } from "./spec.ts";
