import { anything, type OptionChecks } from "@parallel-parrot/core";
import { filePath } from "./file-path.ts";
import { CSV_SINK_OPTIONS, type CsvSinkOptions } from "./csv/csv-sink.ts";
import { chooseFormat } from "./format-of.ts";
import { FORMATS, type Format } from "./formats.ts";
import { checkSink } from "./sink/check-sink.ts";
import type { OutputTarget } from "./sink/destination.ts";
import type { RowSink } from "./sink/row-sink.ts";
import { SQLITE_SINK_OPTIONS, type SqliteSinkOptions } from "./sqlite/sqlite-sink.ts";
import { XLSX_SINK_OPTIONS, type XlsxSinkOptions } from "./xlsx/xlsx-sink.ts";

/** Options of {@linkcode openSink}; those of one format do nothing for another. */
export interface OpenSinkOptions extends CsvSinkOptions, XlsxSinkOptions, SqliteSinkOptions {
  /** @default by the path's extension; a standard stream or stream needs it */
  readonly format?: Format;
}

// `chooseFormat` has a message of its own for an unknown format.
export const OPEN_SINK_OPTIONS: OptionChecks<OpenSinkOptions> = {
  ...CSV_SINK_OPTIONS,
  ...XLSX_SINK_OPTIONS,
  ...SQLITE_SINK_OPTIONS,
  format: anything,
};

/**
 * Opens the sink that a target's file name extension, or the option `format`, asks for. Rejects at once, with
 * `OUTPUT_EXISTS` or `OUTPUT_UNWRITABLE`, where the output could not be written in the end. Close or abort it:
 * until then its temporary file exists.
 */
export async function openSink(target: OutputTarget, options: OpenSinkOptions = {}): Promise<RowSink> {
  checkSink("openSink", target, options, OPEN_SINK_OPTIONS);
  const sink = FORMATS[chooseFormat(options.format, pathOf(target))].sink(target, options);
  await sink.opened;
  return sink;
}

function pathOf(target: OutputTarget): string | undefined {
  const path = filePath(target);
  return typeof path === "string" ? path : undefined;
}
