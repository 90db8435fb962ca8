import {
  aBoolean,
  aFunction,
  anything,
  aText,
  checkArgument,
  checkOptions,
  expecting,
  isObject,
  oneOf,
  required,
  texts,
  wholeNumber,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";
import type { CsvSinkOptions } from "./csv/csv-sink.ts";
import type { CsvSourceOptions } from "./csv/csv-source.ts";
import type { JsonSourceOptions } from "./json/json-source.ts";
import type { OpenSinkOptions } from "./open-sink.ts";
import type { OpenSourceOptions } from "./open-source.ts";
import type { SinkOptions } from "./sink/row-sink.ts";
import type { SourceOptions } from "./source/row-source.ts";
import type { FinetuneOptions } from "./finetune/write-finetune-files.ts";

const isPath = (value: unknown): boolean =>
  (typeof value === "string" && value !== "") || value instanceof URL;

const aPath: OptionCheck = expecting("a path or a file URL", isPath);

const anInput: OptionCheck = required(
  expecting(
    'a path, a file URL, "-" or a stream of bytes or text',
    (value) => isPath(value) || (isObject(value) && Symbol.asyncIterator in value),
  ),
  "a path, a file URL or a stream",
);

const aTarget: OptionCheck = required(
  expecting(
    'a path, a file URL, "-" or a stream of bytes',
    (value) => isPath(value) || (isObject(value) && "getWriter" in value),
  ),
  "a path, a file URL or a stream",
);

/** Which delimiters there can be is a matter of CSV. */
const aDelimiter = aText;

const SOURCE_OPTIONS: OptionChecks<SourceOptions> = {
  compression: oneOf("none", "gzip", "zstd"),
  maxRecordBytes: wholeNumber(1),
  onDigest: aFunction,
};

const CSV_SOURCE_OPTIONS: OptionChecks<CsvSourceOptions> = {
  ...SOURCE_OPTIONS,
  delimiter: aDelimiter,
  quotes: aBoolean,
  ragged: oneOf("error", "pad"),
  duplicateHeaders: oneOf("rename", "error"),
};

const JSON_SOURCE_OPTIONS: OptionChecks<JsonSourceOptions> = {
  ...SOURCE_OPTIONS,
  longNumbers: oneOf("bigint", "text"),
};

const SINK_OPTIONS: OptionChecks<SinkOptions> = {
  columns: texts,
  compression: oneOf("none", "gzip", "zstd"),
  overwrite: aBoolean,
  partial: aPath,
  replacePartial: aBoolean,
  beforeNaming: aFunction,
  onUnwritable: aFunction,
};

const CSV_SINK_OPTIONS: OptionChecks<CsvSinkOptions> = {
  ...SINK_OPTIONS,
  delimiter: aDelimiter,
  recordDelimiter: oneOf("\n", "\r\n"),
  escapeFormulas: expecting(
    "true, false, a list of columns or a function of a column",
    (value) =>
      typeof value === "boolean" ||
      typeof value === "function" ||
      (Array.isArray(value) && value.every((column) => typeof column === "string")),
  ),
};

/** What a source and its options may be, by format; `open` takes those of all formats. */
const SOURCES: Readonly<Record<"csv" | "json" | "open", OptionChecks<object>>> = {
  csv: CSV_SOURCE_OPTIONS,
  json: JSON_SOURCE_OPTIONS,
  // An unknown format has words of its own.
  open: {
    ...CSV_SOURCE_OPTIONS,
    ...JSON_SOURCE_OPTIONS,
    format: anything,
  } satisfies OptionChecks<OpenSourceOptions>,
};

const SINKS = {
  csv: CSV_SINK_OPTIONS,
  json: SINK_OPTIONS,
  open: { ...CSV_SINK_OPTIONS, format: anything } satisfies OptionChecks<OpenSinkOptions>,
};

/** @throws ParrotError `INVALID_OPTION` that names the option */
export function checkSource(
  caller: string,
  input: unknown,
  options: unknown,
  kind: "csv" | "json" | "open" = "json",
): void {
  checkArgument(caller, "input", input, anInput);
  checkOptions(caller, options, SOURCES[kind]);
}

/** @throws ParrotError `INVALID_OPTION` that names the option */
export function checkSink(
  caller: string,
  target: unknown,
  options: unknown,
  kind: "csv" | "json" | "open" = "json",
): void {
  checkArgument(caller, "target", target, aTarget);
  checkOptions(caller, options, SINKS[kind]);
}

const aLimit: OptionCheck = expecting(
  "a number of at least 1",
  (value) => typeof value === "number" && value >= 1,
);

const FINETUNE_OPTIONS: OptionChecks<FinetuneOptions> = {
  prompt: required(aText, "the name of a column"),
  completion: required(aText, "the name of a column"),
  // Where it is no template, what reads templates says so.
  system: anything,
  output: required(aPath, "the path of a .jsonl file"),
  model: aText,
  maxTokensPerFile: aLimit,
  maxTokensPerExample: aLimit,
  overwrite: aBoolean,
  checkFirstRow: aBoolean,
};

/** @throws ParrotError `INVALID_OPTION` that names the option */
export function checkFinetuneOptions(options: unknown): void {
  checkOptions("writeFinetuneFiles", options, FINETUNE_OPTIONS);
}
