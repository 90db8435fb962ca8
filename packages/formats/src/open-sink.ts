import { fileURLToPath } from "node:url";
import { anything, pickOptions, type OptionChecks } from "@parallel-parrot/core";
import { CSV_SINK_OPTIONS, csvSink, tsvSink, type CsvSinkOptions } from "./csv/csv-sink.ts";
import { chooseFormat, type Format } from "./format-of.ts";
import { jsonSink } from "./json/json-sink.ts";
import { jsonlSink } from "./json/jsonl-sink.ts";
import { checkSink, SINK_OPTIONS } from "./sink/check-sink.ts";
import type { OutputTarget } from "./sink/destination.ts";
import type { RowSink } from "./sink/row-sink.ts";

/** Options of {@linkcode openSink}; those of CSV do nothing for JSON. */
export interface OpenSinkOptions extends CsvSinkOptions {
  /** @default by the path's extension; a standard stream or stream needs it */
  readonly format?: Format;
}

// `chooseFormat` has a message of its own for an unknown format.
const OPEN_SINK_OPTIONS: OptionChecks<OpenSinkOptions> = { ...CSV_SINK_OPTIONS, format: anything };

/** The sink of each format, with those of the options that it takes. */
const SINKS: Readonly<Record<Format, (target: OutputTarget, options: OpenSinkOptions) => RowSink>> = {
  csv: (target, options) => csvSink(target, pickOptions(options, CSV_SINK_OPTIONS)),
  tsv: (target, options) => tsvSink(target, pickOptions(options, CSV_SINK_OPTIONS)),
  jsonl: (target, options) => jsonlSink(target, pickOptions(options, SINK_OPTIONS)),
  json: (target, options) => jsonSink(target, pickOptions(options, SINK_OPTIONS)),
};

/**
 * Opens the sink that a target's file name extension, or the option `format`, asks for. Rejects at once, with
 * `OUTPUT_EXISTS` or `OUTPUT_UNWRITABLE`, where the output could not be written in the end. Close or abort it:
 * until then its temporary file exists.
 */
export async function openSink(target: OutputTarget, options: OpenSinkOptions = {}): Promise<RowSink> {
  checkSink("openSink", target, options, OPEN_SINK_OPTIONS);
  const sink = SINKS[chooseFormat(options.format, pathOf(target))](target, options);
  await sink.opened;
  return sink;
}

function pathOf(target: OutputTarget): string | undefined {
  if (target instanceof URL) return fileURLToPath(target);
  return typeof target === "string" ? target : undefined;
}
