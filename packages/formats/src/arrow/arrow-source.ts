import { aFunction, oneOf, type OptionChecks } from "@parallel-parrot/core";
import { aCompression, compressionOf } from "../compression.ts";
import { checkSource } from "../source/check-source.ts";
import { notThrough } from "../source/file-source.ts";
import { LazyReader } from "../source/lazy-reader.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import { nameInput, type Input } from "../source/read-input.ts";
import { rowSource, type RowSource, type SourceOptions } from "../source/row-source.ts";
import { SourceNotes } from "../source/source-notes.ts";

/** Options of {@linkcode arrowSource}. */
export interface ArrowSourceOptions
  extends Pick<SourceOptions, "compression" | "onDigest">, LongNumbersOption {}

/** What the options of {@linkcode arrowSource} may be. */
export const ARROW_SOURCE_OPTIONS: OptionChecks<ArrowSourceOptions> = {
  compression: aCompression,
  longNumbers: oneOf("bigint", "text"),
  onDigest: aFunction,
};

/**
 * Rows from a file or stream of Arrow IPC, which is also what Feather files are, with the types of its columns; one
 * record batch is in memory at a time. Cells are what they are from Parquet.
 */
export function arrowSource(input: Input, options: ArrowSourceOptions = {}): RowSource {
  checkSource("arrowSource", input, options, ARROW_SOURCE_OPTIONS);
  const { longNumbers = "bigint", onDigest } = options;
  const name = nameInput(input);
  const { file } = name.position;
  const compression = options.compression ?? (file === undefined ? "none" : compressionOf(file));
  const notes = new SourceNotes();
  const reader = new LazyReader(async () => {
    const { ArrowReader, openArrow } = await import("./read/index.ts");
    if (compression !== "none") throw notThrough(compression, "Arrow", name);
    return new ArrowReader(() => openArrow(input, name, onDigest), name, { longNumbers, notes });
  });
  return rowSource(reader, { file, lineOf: () => undefined, notes: notes.all });
}
