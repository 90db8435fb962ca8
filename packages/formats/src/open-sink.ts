import { fileURLToPath } from "node:url";
import { csvSink, tsvSink, type CsvSinkOptions } from "./csv/csv-sink.ts";
import type { OutputTarget } from "./sink/destination.ts";
import { chooseFormat, type Format } from "./format-of.ts";
import { jsonSink } from "./json/json-sink.ts";
import { jsonlSink } from "./json/jsonl-sink.ts";
import type { RowSink } from "./sink/row-sink.ts";
import { checkSink } from "./format-options.ts";

/** Options of {@linkcode openSink}; those of CSV do nothing for JSON. */
export interface OpenSinkOptions extends CsvSinkOptions {
  /** @default by the path's extension; a standard stream or stream needs it */
  readonly format?: Format;
}

const SINKS = { csv: csvSink, tsv: tsvSink, jsonl: jsonlSink, json: jsonSink };

/**
 * Opens the sink that a target's file name extension, or the option `format`, asks for. Rejects at once, with
 * `OUTPUT_EXISTS` or `OUTPUT_UNWRITABLE`, where the output could not be written in the end. Close or abort it:
 * until then its temporary file exists.
 */
export async function openSink(target: OutputTarget, options: OpenSinkOptions = {}): Promise<RowSink> {
  checkSink("openSink", target, options, "open");
  const sink = createSink(target, options);
  await sink.opened;
  return sink;
}

function createSink(target: OutputTarget, { format: asked, ...csvOptions }: OpenSinkOptions): RowSink {
  const format = chooseFormat(asked, pathOf(target));
  if (format === "csv" || format === "tsv") return SINKS[format](target, csvOptions);
  const { delimiter: _, recordDelimiter: _record, escapeFormulas: _escape, ...others } = csvOptions;
  return SINKS[format](target, others);
}

function pathOf(target: OutputTarget): string | undefined {
  if (target instanceof URL) return fileURLToPath(target);
  return typeof target === "string" ? target : undefined;
}
