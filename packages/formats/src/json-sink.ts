import type { OutputTarget } from "./destination.ts";
import { rowSink, type RowSink, type SinkOptions } from "./row-sink.ts";
import { rowStringifier } from "./stringify-row.ts";

/** Writes rows as one JSON array of objects, one a line. */
export function jsonSink(target: OutputTarget, options: SinkOptions = {}): RowSink {
  const stringify = rowStringifier(options.columns ?? []);
  return rowSink(target, options, () => ({
    encode: (row, index) => `${index === 0 ? "[\n" : ",\n"}${stringify(row, index)}`,
    end: (count) => (count === 0 ? "[]\n" : "\n]\n"),
  }));
}
