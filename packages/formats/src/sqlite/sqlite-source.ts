import { aFunction, aText, oneOf, ParrotError, wholeNumber, type OptionChecks } from "@parallel-parrot/core";
import { aCompression } from "../compression.ts";
import { checkSource } from "../source/check-source.ts";
import { fileSource } from "../source/file-source.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import type { Input } from "../source/read-input.ts";
import { MAX_RECORD_BYTES, type RowSource, type SourceOptions } from "../source/row-source.ts";
import { SourceNotes } from "../source/source-notes.ts";

/** Options of {@linkcode sqliteSource}. */
export interface SqliteSourceOptions
  extends Pick<SourceOptions, "compression" | "maxRecordBytes" | "onDigest">, LongNumbersOption {
  /** The table or view to read, in the order of its rows. @default the only table */
  readonly table?: string;
  /** A query whose rows are read, instead of a table. Let it put them in order, so that they come in the same again. */
  readonly query?: string;
}

/** What the options of {@linkcode sqliteSource} may be. */
export const SQLITE_SOURCE_OPTIONS: OptionChecks<SqliteSourceOptions> = {
  compression: aCompression,
  maxRecordBytes: wholeNumber(1),
  onDigest: aFunction,
  longNumbers: oneOf("bigint", "text"),
  table: aText,
  query: aText,
};

/**
 * Rows of a table of an SQLite database, or of a query. The database is opened for reading alone: no query can change
 * it. Integers of 64 bits are exact, blobs are bytes, and columns declared as `BOOLEAN` hold booleans.
 */
export function sqliteSource(input: Input, options: SqliteSourceOptions = {}): RowSource {
  checkSource("sqliteSource", input, options, SQLITE_SOURCE_OPTIONS);
  const { table, query, onDigest, compression } = options;
  const { longNumbers = "bigint", maxRecordBytes = MAX_RECORD_BYTES } = options;
  if (table !== undefined && query !== undefined)
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot read a table and a query at once: set one of table and query",
      {
        option: "query",
      },
    );
  const notes = new SourceNotes();
  return fileSource(input, {
    format: "SQLite",
    compression,
    notes,
    async load(path, name) {
      const { SqliteReader } = await import("./read/sqlite-reader.ts");
      return new SqliteReader(path, name, { table, query, longNumbers, maxRecordBytes, onDigest, notes });
    },
  });
}
