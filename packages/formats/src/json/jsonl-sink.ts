import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink, type SinkOptions } from "../sink/row-sink.ts";
import { rowStringifier } from "./stringify-row.ts";
import { checkSink } from "../sink/check-sink.ts";

/** Writes rows as JSON Lines: one object a line. */
export function jsonlSink(target: OutputTarget, options: SinkOptions = {}): RowSink {
  checkSink("jsonlSink", target, options);
  return rowSink(target, options, (_revisable, changes) => {
    const stringify = rowStringifier(options.columns ?? [], changes);
    return {
      encode: (row) => `${stringify(row)}\n`,
      end: () => "",
    };
  });
}
