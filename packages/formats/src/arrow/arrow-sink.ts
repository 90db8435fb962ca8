import type { OptionChecks } from "@parallel-parrot/core";
import { checkSink } from "../sink/check-sink.ts";
import type { OutputTarget } from "../sink/destination.ts";
import { rowSink, type RowSink } from "../sink/row-sink.ts";
import { requireBinaryTarget, TYPED_SINK_OPTIONS, type TypedSinkOptions } from "../sink/typed-sink.ts";

/** Options of {@linkcode arrowSink}. */
export type ArrowSinkOptions = TypedSinkOptions;

/** What the options of {@linkcode arrowSink} may be. */
export const ARROW_SINK_OPTIONS: OptionChecks<ArrowSinkOptions> = TYPED_SINK_OPTIONS;

/**
 * Writes rows as Arrow IPC, a record batch at a time and without compression, which every reader of Arrow can read: a
 * file, which is Feather as well, has the form with a footer; `.arrows`, standard output and streams have the form
 * without. The schema stands before the first row, as in {@linkcode parquetSink}.
 */
export function arrowSink(target: OutputTarget, options: ArrowSinkOptions = {}): RowSink {
  checkSink("arrowSink", target, options, ARROW_SINK_OPTIONS);
  requireBinaryTarget(target, options, { format: "Arrow", extension: ".arrow" });
  const { columns = [], columnTypes = new Map() } = options;
  const form = isStream(target) ? "stream" : "file";
  return rowSink(target, options, async () => {
    const { ArrowEncoder } = await import("./write/arrow-encoder.ts");
    return new ArrowEncoder({ columns, columnTypes }, form);
  });
}

function isStream(target: OutputTarget): boolean {
  if (typeof target !== "string" && !(target instanceof URL)) return true;
  return target === "-" || /\.arrows$/i.test(String(target));
}
