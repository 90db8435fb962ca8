import { expecting, ParrotError, type OptionChecks } from "@parallel-parrot/core";
import type { ColumnTypes } from "../columns/column-type.ts";
import { compressionOf } from "../compression.ts";
import { checkSink, SINK_OPTIONS } from "../sink/check-sink.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink, type SinkOptions } from "../sink/row-sink.ts";

/** Options of {@linkcode parquetSink}. */
export interface ParquetSinkOptions extends SinkOptions {
  /**
   * The types of columns, such as those that `source.columnTypes()` gives; columns that `columns` does not name come
   * after those. A column without a type is text.
   * @default none
   */
  readonly columnTypes?: ColumnTypes;
}

/** What the options of {@linkcode parquetSink} may be. */
export const PARQUET_SINK_OPTIONS: OptionChecks<ParquetSinkOptions> = {
  ...SINK_OPTIONS,
  columnTypes: expecting("a Map of columns to types", (value) => value instanceof Map),
};

/**
 * Writes rows as Parquet, compressed with zstd, a row group at a time. The schema stands before the first row: it has
 * `columns` and those of `columnTypes`, or else the columns of the first row. A cell that its column's type cannot hold
 * exactly is a row that cannot be written.
 */
export function parquetSink(target: OutputTarget, options: ParquetSinkOptions = {}): RowSink {
  checkSink("parquetSink", target, options, PARQUET_SINK_OPTIONS);
  const path = typeof target === "string" || target instanceof URL ? String(target) : "";
  if ((options.compression ?? compressionOf(path)) !== "none") throw compressedTwice(path);
  if (path === "-" && process.stdout.isTTY) throw onTerminal();
  const { columns = [], columnTypes = new Map() } = options;
  const dialect = { columns, columnTypes };
  return rowSink(target, options, async () => {
    const { ParquetEncoder } = await import("./write/parquet-encoder.ts");
    return new ParquetEncoder(dialect);
  });
}

function compressedTwice(path: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${path === "" ? "Parquet" : path} compressed: Parquet is compressed inside; name an output that ends in .parquet`,
    { option: "compression" },
  );
}

function onTerminal(): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    "Cannot write Parquet to a terminal: it is not text; name a file for the output, or choose jsonl as its format",
    { option: "format" },
  );
}
