import type { OptionChecks } from "@parallel-parrot/core";
import { checkSink } from "../sink/check-sink.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink } from "../sink/row-sink.ts";
import { requireBinaryTarget, TYPED_SINK_OPTIONS, type TypedSinkOptions } from "../sink/typed-sink.ts";

/** Options of {@linkcode parquetSink}. */
export type ParquetSinkOptions = TypedSinkOptions;

/** What the options of {@linkcode parquetSink} may be. */
export const PARQUET_SINK_OPTIONS: OptionChecks<ParquetSinkOptions> = TYPED_SINK_OPTIONS;

/**
 * Writes rows as Parquet, compressed with zstd, a row group at a time. The schema stands before the first row: it has
 * `columns` and those of `columnTypes`, or else the columns of the first row. A cell that its column's type cannot hold
 * exactly is a row that cannot be written.
 */
export function parquetSink(target: OutputTarget, options: ParquetSinkOptions = {}): RowSink {
  checkSink("parquetSink", target, options, PARQUET_SINK_OPTIONS);
  requireBinaryTarget(target, options, { format: "Parquet", extension: ".parquet" });
  const { columns = [], columnTypes = new Map() } = options;
  const dialect = { columns, columnTypes };
  return rowSink(target, options, async () => {
    const { ParquetEncoder } = await import("./write/parquet-encoder.ts");
    return new ParquetEncoder(dialect);
  });
}
