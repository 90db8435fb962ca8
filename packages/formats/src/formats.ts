import { pickOptions } from "@parallel-parrot/core";
import { ARROW_SINK_OPTIONS, arrowSink } from "./arrow/arrow-sink.ts";
import { ARROW_SOURCE_OPTIONS, arrowSource } from "./arrow/arrow-source.ts";
import { CSV_SINK_OPTIONS, csvSink, tsvSink, type CsvSinkOptions } from "./csv/csv-sink.ts";
import { CSV_SOURCE_OPTIONS, csvSource, tsvSource, type CsvSourceOptions } from "./csv/csv-source.ts";
import { jsonSink } from "./json/json-sink.ts";
import { JSON_SOURCE_OPTIONS, jsonSource, type JsonSourceOptions } from "./json/json-source.ts";
import { jsonlSink } from "./json/jsonl-sink.ts";
import { jsonlSource } from "./json/jsonl-source.ts";
import { PARQUET_SINK_OPTIONS, parquetSink, type ParquetSinkOptions } from "./parquet/parquet-sink.ts";
import { PARQUET_SOURCE_OPTIONS, parquetSource } from "./parquet/parquet-source.ts";
import { SINK_OPTIONS } from "./sink/check-sink.ts";
import type { OutputTarget } from "./sink/destination.ts";
import type { RowSink } from "./sink/row-sink.ts";
import type { Input } from "./source/read-input.ts";
import type { RowSource } from "./source/row-source.ts";
import { SQLITE_SINK_OPTIONS, sqliteSink, type SqliteSinkOptions } from "./sqlite/sqlite-sink.ts";
import { SQLITE_SOURCE_OPTIONS, sqliteSource, type SqliteSourceOptions } from "./sqlite/sqlite-source.ts";
import { MAX_CELL_LENGTH, MAX_ROWS } from "./xlsx/sheet-limits.ts";
import { XLSX_SINK_OPTIONS, xlsxSink, type XlsxSinkOptions } from "./xlsx/xlsx-sink.ts";
import { XLSX_SOURCE_OPTIONS, xlsxSource, type XlsxSourceOptions } from "./xlsx/xlsx-source.ts";

/** The formats that rows are read from and written to. */
export type Format = "csv" | "tsv" | "jsonl" | "json" | "parquet" | "arrow" | "xlsx" | "sqlite";

/** What a format is like, for code that treats formats differently. */
export interface FormatTraits {
  /** The extensions of its file names, without the dot. */
  readonly extensions: readonly string[];
  /**
   * Whether all rows have the same columns, and these come first. In other formats each row is an object with columns
   * of its own.
   */
  readonly isTable: boolean;
  /**
   * Whether its columns have types, and all of them have to be known before the first row: those of a text table in a
   * file may come later.
   */
  readonly hasTypes: boolean;
  /** Whether a spreadsheet that opens such a file runs a cell of text that looks like a formula. */
  readonly runsFormulas: boolean;
  /** Whether it is for the user to say what separates the cells that are written. */
  readonly takesDelimiter: boolean;
  /** Whether it is text, which may be compressed as a whole. Other formats are compressed inside. */
  readonly isText: boolean;
  /** The most rows that it holds, and the most characters of a cell; absent where there is no such limit. */
  readonly limits?: { readonly rows: number; readonly cellLength: number };
  /** Whether it is read from its first byte to its last, as standard input and streams need it. */
  readonly readsStreams: boolean;
}

/** A format: what it is like, and how its rows are read and written. */
interface FormatEntry extends FormatTraits {
  /** Opens a source with those of the options that the format takes. */
  readonly source: (input: Input, options: AnySourceOptions) => RowSource;
  /** Opens a sink with those of the options that the format takes. */
  readonly sink: (target: OutputTarget, options: AnySinkOptions) => RowSink;
}

type AnySourceOptions = CsvSourceOptions & JsonSourceOptions & XlsxSourceOptions & SqliteSourceOptions;

type AnySinkOptions = CsvSinkOptions & ParquetSinkOptions & XlsxSinkOptions & SqliteSinkOptions;

/** The table of formats: whatever asks which format it has asks this. */
export const FORMATS: Readonly<Record<Format, FormatEntry>> = {
  csv: {
    extensions: ["csv"],
    isTable: true,
    hasTypes: false,
    runsFormulas: true,
    takesDelimiter: true,
    isText: true,
    readsStreams: true,
    source: (input, options) => csvSource(input, pickOptions(options, CSV_SOURCE_OPTIONS)),
    sink: (target, options) => csvSink(target, pickOptions(options, CSV_SINK_OPTIONS)),
  },
  tsv: {
    extensions: ["tsv"],
    isTable: true,
    hasTypes: false,
    runsFormulas: true,
    takesDelimiter: false,
    isText: true,
    readsStreams: true,
    source: (input, options) => tsvSource(input, pickOptions(options, CSV_SOURCE_OPTIONS)),
    sink: (target, options) => tsvSink(target, pickOptions(options, CSV_SINK_OPTIONS)),
  },
  jsonl: {
    extensions: ["jsonl", "ndjson"],
    isTable: false,
    hasTypes: false,
    runsFormulas: false,
    takesDelimiter: false,
    isText: true,
    readsStreams: true,
    source: (input, options) => jsonlSource(input, pickOptions(options, JSON_SOURCE_OPTIONS)),
    sink: (target, options) => jsonlSink(target, pickOptions(options, SINK_OPTIONS)),
  },
  json: {
    extensions: ["json"],
    isTable: false,
    hasTypes: false,
    runsFormulas: false,
    takesDelimiter: false,
    isText: true,
    readsStreams: true,
    source: (input, options) => jsonSource(input, pickOptions(options, JSON_SOURCE_OPTIONS)),
    sink: (target, options) => jsonSink(target, pickOptions(options, SINK_OPTIONS)),
  },
  parquet: {
    extensions: ["parquet"],
    isTable: true,
    hasTypes: true,
    runsFormulas: false,
    takesDelimiter: false,
    isText: false,
    readsStreams: false,
    source: (input, options) => parquetSource(input, pickOptions(options, PARQUET_SOURCE_OPTIONS)),
    sink: (target, options) => parquetSink(target, pickOptions(options, PARQUET_SINK_OPTIONS)),
  },
  arrow: {
    extensions: ["arrow", "feather", "ipc", "arrows"],
    isTable: true,
    hasTypes: true,
    runsFormulas: false,
    takesDelimiter: false,
    isText: false,
    readsStreams: true,
    source: (input, options) => arrowSource(input, pickOptions(options, ARROW_SOURCE_OPTIONS)),
    sink: (target, options) => arrowSink(target, pickOptions(options, ARROW_SINK_OPTIONS)),
  },
  xlsx: {
    extensions: ["xlsx", "xlsm"],
    isTable: true,
    hasTypes: true,
    // Cells of text are written as such, and are never run.
    runsFormulas: false,
    takesDelimiter: false,
    limits: { rows: MAX_ROWS - 1, cellLength: MAX_CELL_LENGTH },
    isText: false,
    readsStreams: false,
    source: (input, options) => xlsxSource(input, pickOptions(options, XLSX_SOURCE_OPTIONS)),
    sink: (target, options) => xlsxSink(target, pickOptions(options, XLSX_SINK_OPTIONS)),
  },
  sqlite: {
    extensions: ["db", "sqlite", "sqlite3"],
    isTable: true,
    hasTypes: true,
    runsFormulas: false,
    takesDelimiter: false,
    isText: false,
    readsStreams: false,
    source: (input, options) => sqliteSource(input, pickOptions(options, SQLITE_SOURCE_OPTIONS)),
    sink: (target, options) => sqliteSink(target, pickOptions(options, SQLITE_SINK_OPTIONS)),
  },
};

/** What a format is like. */
export function traitsOf(format: Format): FormatTraits {
  return FORMATS[format];
}
