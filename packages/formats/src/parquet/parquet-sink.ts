import type { OptionChecks } from "@parallel-parrot/core";
import { checkSink } from "../sink/check-sink.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink } from "../sink/row-sink.ts";
import type { RowEncoder } from "../sink/row-writer.ts";
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
  return rowSink(target, options, () => parquetEncoder(options));
}

/** What turns rows into the bytes of one Parquet file. */
export async function parquetEncoder({
  columns = [],
  columnTypes = new Map(),
}: Pick<ParquetSinkOptions, "columns" | "columnTypes">): Promise<RowEncoder> {
  const { ParquetEncoder } = await import("./write/parquet-encoder.ts");
  return new ParquetEncoder({ columns, columnTypes });
}
