import { aBoolean, aText, expecting, oneOf, type OptionChecks } from "@parallel-parrot/core";
import { checkSink, SINK_OPTIONS } from "../sink/check-sink.ts";
import { csvEncoder } from "./csv-encoder.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { requireDelimiter } from "./require-delimiter.ts";
import { rowSink, type RowSink, type SinkOptions } from "../sink/row-sink.ts";

/** Options of {@linkcode csvSink} and {@linkcode tsvSink}. */
export interface CsvSinkOptions extends SinkOptions {
  /** One character between cells. @default "," for CSV, a tab for TSV */
  readonly delimiter?: string;
  /** @default "\n" */
  readonly recordDelimiter?: "\n" | "\r\n";
  /** Whether the output begins with a byte order mark, by which Excel knows Unicode. @default false */
  readonly byteOrderMark?: boolean;
  /**
   * Whether text that a spreadsheet would run as a formula gets a `'` in front: in every column, in none, in these,
   * or in those the function says. The sink counts such cells in `changes`. Headers stay as they are.
   * @default true
   */
  readonly escapeFormulas?: boolean | readonly string[] | ((column: string) => boolean);
}

/** What the options of {@linkcode csvSink} may be; `requireDelimiter` looks closer at the delimiter. */
export const CSV_SINK_OPTIONS: OptionChecks<CsvSinkOptions> = {
  ...SINK_OPTIONS,
  delimiter: aText,
  recordDelimiter: oneOf("\n", "\r\n"),
  byteOrderMark: aBoolean,
  escapeFormulas: expecting(
    "true, false, a list of columns or a function of a column",
    (value) =>
      typeof value === "boolean" ||
      typeof value === "function" ||
      (Array.isArray(value) && value.every((column) => typeof column === "string")),
  ),
};

/**
 * Writes rows as CSV with a header line (RFC 4180). The header has `columns` and those of the first row. A later
 * row that brings others extends it where the output is a file; for a stream, whose header is gone, that is an
 * `INVALID_OPTION` error. Absent cells and nulls are empty, objects and lists are JSON text, dates are ISO 8601.
 */
export function csvSink(target: OutputTarget, options: CsvSinkOptions = {}): RowSink {
  checkSink("csvSink", target, options, CSV_SINK_OPTIONS);
  const dialect = {
    columns: options.columns ?? [],
    delimiter: options.delimiter ?? ",",
    recordDelimiter: options.recordDelimiter ?? "\n",
    byteOrderMark: options.byteOrderMark ?? false,
    escapeFormulas: options.escapeFormulas ?? true,
  };
  requireDelimiter(dialect.delimiter);
  return rowSink(target, options, (revisable, changes) => csvEncoder(dialect, revisable, changes));
}

/** {@linkcode csvSink} with a tab between cells. */
export function tsvSink(target: OutputTarget, options: CsvSinkOptions = {}): RowSink {
  checkSink("tsvSink", target, options, CSV_SINK_OPTIONS);
  return csvSink(target, { delimiter: "\t", ...options });
}
