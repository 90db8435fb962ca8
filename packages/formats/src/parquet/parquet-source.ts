import { fileURLToPath } from "node:url";
import { aFunction, oneOf, type OptionChecks } from "@parallel-parrot/core";
import type { ColumnTypes } from "../columns/column-type.ts";
import { compressionOf } from "../compression.ts";
import { checkSource } from "../source/check-source.ts";
import { invalidInput, type InputName } from "../source/input-name.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import { nameInput, type Input } from "../source/read-input.ts";
import { rowSource, type RowReader, type RowSource, type SourceOptions } from "../source/row-source.ts";
import { SourceNotes } from "../source/source-notes.ts";

/** Options of {@linkcode parquetSource}. */
export interface ParquetSourceOptions
  extends Pick<SourceOptions, "compression" | "onDigest">, LongNumbersOption {}

/** What the options of {@linkcode parquetSource} may be. */
export const PARQUET_SOURCE_OPTIONS: OptionChecks<ParquetSourceOptions> = {
  compression: oneOf("none", "gzip", "zstd"),
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
  const { longNumbers = "bigint", onDigest } = options;
  const name = nameInput(input);
  const file = input instanceof URL ? fileURLToPath(input) : name.position.file;
  const compression = options.compression ?? (file === undefined ? "none" : compressionOf(file));
  const notes = new SourceNotes();
  const reader = new LazyReader(async () => {
    const { ParquetReader, notSeekable } = await import("./read/index.ts");
    if (file === undefined) throw notSeekable(name);
    if (compression !== "none") throw compressedTwice(name, compression);
    return new ParquetReader(file, name, { longNumbers, notes, onDigest });
  });
  return rowSource(reader, { file, lineOf: () => undefined, notes: notes.all });
}

function compressedTwice(name: InputName, compression: string): Error {
  return invalidInput(
    name,
    {},
    `Parquet is compressed inside, and cannot be read through ${compression}; unpack the file first`,
  );
}

/** A reader whose code is loaded by the first read. */
class LazyReader implements RowReader {
  readonly #load: () => Promise<RowReader>;
  #loading: Promise<RowReader> | undefined;

  constructor(load: () => Promise<RowReader>) {
    this.#load = load;
  }

  async read(): ReturnType<RowReader["read"]> {
    return (await this.#reader()).read();
  }

  async columns(): ReturnType<RowReader["columns"]> {
    return (await this.#reader()).columns();
  }

  async columnTypes(): Promise<ColumnTypes | undefined> {
    return (await this.#reader()).columnTypes();
  }

  async cancel(reason: unknown): Promise<void> {
    const reader = await this.#loading?.catch(() => undefined);
    await reader?.cancel(reason);
  }

  #reader(): Promise<RowReader> {
    this.#loading ??= this.#load();
    return this.#loading;
  }
}
