import { expecting, type OptionChecks } from "@parallel-parrot/core";
import { checkSink } from "../sink/check-sink.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink } from "../sink/row-sink.ts";
import { requireBinaryTarget, TYPED_SINK_OPTIONS, type TypedSinkOptions } from "../sink/typed-sink.ts";

/** Options of {@linkcode sqliteSink}. */
export interface SqliteSinkOptions extends TypedSinkOptions {
  /** What the table is called. @default "rows" */
  readonly table?: string;
}

/** What the options of {@linkcode sqliteSink} may be. */
export const SQLITE_SINK_OPTIONS: OptionChecks<SqliteSinkOptions> = {
  ...TYPED_SINK_OPTIONS,
  table: expecting(
    'the name of a table, which is not empty and does not begin with "sqlite_"',
    (value) => typeof value === "string" && value !== "" && !/^sqlite_|\0/i.test(value),
  ),
};

/**
 * Writes rows as an SQLite database with one table, which has `columns` and those of `columnTypes`, or else the columns
 * of the first row. Columns are declared by their types. The file is there when the stream closes, whole: it is never
 * added to one that exists.
 */
export function sqliteSink(target: OutputTarget, options: SqliteSinkOptions = {}): RowSink {
  checkSink("sqliteSink", target, options, SQLITE_SINK_OPTIONS);
  requireBinaryTarget(target, options, { format: "SQLite", extension: ".db" });
  const { columns = [], columnTypes = new Map(), table = "rows" } = options;
  return rowSink(target, options, async (_, changes) => {
    const { SqliteEncoder } = await import("./write/sqlite-encoder.ts");
    return new SqliteEncoder({ table, columns, columnTypes }, changes);
  });
}
