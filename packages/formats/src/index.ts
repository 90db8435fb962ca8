export { csvSink, tsvSink } from "./csv-sink.ts";
export { csvSource, tsvSource } from "./csv-source.ts";
export { escapeFormula } from "./escape-formula.ts";
export { fileId } from "./file-id.ts";
export { formatOf } from "./format-of.ts";
export { jsonlSink } from "./jsonl-sink.ts";
export { jsonlSource } from "./jsonl-source.ts";
export { jsonSink } from "./json-sink.ts";
export { jsonSource } from "./json-source.ts";
export { loadTokenCounter } from "./token-counter.ts";
export { openSink } from "./open-sink.ts";
export { openSource } from "./open-source.ts";
export { readTextFile } from "./read-text-file.ts";
export { writeFinetuneFiles } from "./write-finetune-files.ts";
export type { Compression, FileFormat, Format } from "./format-of.ts";
export type { TokenCounter } from "./token-counter.ts";
export type { CellChanges } from "./cell-changes.ts";
export type { CsvSinkOptions } from "./csv-sink.ts";
export type { CsvSourceOptions } from "./csv-source.ts";
export type { Input } from "./byte-reader.ts";
export type { InputDigest } from "./input-digest.ts";
export type { OpenSinkOptions } from "./open-sink.ts";
export type { OpenSourceOptions } from "./open-source.ts";
export type { OutputTarget } from "./destination.ts";
export type { ReadTextOptions } from "./read-text-file.ts";
export type { RowSink, SinkOptions } from "./row-sink.ts";
export type { RowSource, SourceOptions } from "./row-source.ts";
export type {
  FinetuneFile,
  FinetuneOptions,
  FinetuneReport,
  SkippedExample,
} from "./write-finetune-files.ts";
