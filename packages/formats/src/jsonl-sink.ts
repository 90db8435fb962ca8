import type { OutputTarget } from "./destination.ts";
import { rowSink, type RowSink, type SinkOptions } from "./row-sink.ts";
import { rowStringifier } from "./stringify-row.ts";

/** Writes rows as JSON Lines: one object a line. */
export function jsonlSink(target: OutputTarget, options: SinkOptions = {}): RowSink {
  const stringify = rowStringifier(options.columns ?? []);
  return rowSink(target, options, () => ({
    encode: (row, index) => `${stringify(row, index)}\n`,
    end: () => "",
  }));
}
