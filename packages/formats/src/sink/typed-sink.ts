import { expecting, ParrotError, type OptionChecks } from "@parallel-parrot/core";
import type { ColumnTypes } from "../columns/column-type.ts";
import { compressionOf } from "../compression.ts";
import { SINK_OPTIONS } from "./check-sink.ts";
import type { OutputTarget } from "./destination.ts";
import type { SinkOptions } from "./row-sink.ts";

/** Options of a sink whose format has types. */
export interface TypedSinkOptions extends SinkOptions {
  /**
   * The types of columns, such as those that `source.columnTypes()` gives; columns that `columns` does not name come
   * after those. A column without a type is text.
   * @default none
   */
  readonly columnTypes?: ColumnTypes;
}

/** What the options of a sink may be whose format has types. */
export const TYPED_SINK_OPTIONS: OptionChecks<TypedSinkOptions> = {
  ...SINK_OPTIONS,
  columnTypes: expecting("a Map of columns to types", (value) => value instanceof Map),
};

/** What a format without text is called, and the extension of its files. */
interface BinaryFormat {
  readonly format: string;
  readonly extension: string;
}

/** @throws ParrotError `INVALID_OPTION` where an output would be compressed a second time, or shown on a terminal */
export function requireBinaryTarget(
  target: OutputTarget,
  options: SinkOptions,
  { format, extension }: BinaryFormat,
): void {
  const path = typeof target === "string" || target instanceof URL ? String(target) : "";
  if ((options.compression ?? compressionOf(path)) !== "none")
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write ${path === "" ? format : path} compressed: programs read ${format} as it is; name an output that ends in ${extension}`,
      { option: "compression" },
    );
  if (path === "-" && process.stdout.isTTY)
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write ${format} to a terminal: it is not text; name a file for the output, or choose jsonl as its format`,
      { option: "format" },
    );
}
