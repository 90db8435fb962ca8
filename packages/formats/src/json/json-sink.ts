import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink, type SinkOptions } from "../sink/row-sink.ts";
import { jsonPieces } from "./json-pieces.ts";
import { rowStringifier } from "./stringify-row.ts";
import { checkSink } from "../sink/check-sink.ts";

/** Writes rows as one JSON array of objects, one a line. */
export function jsonSink(target: OutputTarget, options: SinkOptions = {}): RowSink {
  checkSink("jsonSink", target, options);
  return rowSink(target, options, (_revisable, changes) => {
    const stringify = rowStringifier(options.columns ?? [], changes, jsonText);
    return {
      encode: (row, index) => `${index === 0 ? "[\n" : ",\n"}${stringify(row)}`,
      end: (count) => (count === 0 ? "[]\n" : "\n]\n"),
    };
  });
}

function jsonText(value: unknown): string | undefined {
  const [first, ...others] = jsonPieces(value);
  return others.length === 0 ? first : [first, ...others].join("");
}
