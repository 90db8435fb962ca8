import { aFunction, oneOf, type OptionChecks } from "@parallel-parrot/core";
import { aCompression } from "../compression.ts";
import { checkSource } from "../source/check-source.ts";
import { fileSource } from "../source/file-source.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import type { Input } from "../source/read-input.ts";
import type { RowSource, SourceOptions } from "../source/row-source.ts";
import { SourceNotes } from "../source/source-notes.ts";

/** Options of {@linkcode parquetSource}. */
export interface ParquetSourceOptions
  extends Pick<SourceOptions, "compression" | "onDigest">, LongNumbersOption {}

/** What the options of {@linkcode parquetSource} may be. */
export const PARQUET_SOURCE_OPTIONS: OptionChecks<ParquetSourceOptions> = {
  compression: aCompression,
  longNumbers: oneOf("bigint", "text"),
  onDigest: aFunction,
};

/**
 * Rows from a Parquet file, read page by page, with the types of its columns. It must be a file, as Parquet begins at
 * its end. Numbers, texts, lists and objects are what they are in JSON; dates and times are ISO 8601 text with all of
 * their digits.
 */
export function parquetSource(input: Input, options: ParquetSourceOptions = {}): RowSource {
  checkSource("parquetSource", input, options, PARQUET_SOURCE_OPTIONS);
  const { longNumbers = "bigint", onDigest, compression } = options;
  const notes = new SourceNotes();
  return fileSource(input, {
    format: "Parquet",
    readsAddresses: true,
    compression,
    notes,
    async load(path, name) {
      const { ParquetReader } = await import("./read/parquet-reader.ts");
      return new ParquetReader(path, name, { longNumbers, notes, onDigest });
    },
  });
}
