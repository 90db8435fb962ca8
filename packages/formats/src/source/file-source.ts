import { fileURLToPath } from "node:url";
import type { ColumnTypes } from "../columns/column-type.ts";
import { compressionOf, type Compression } from "../compression.ts";
import { invalidInput, type InputName } from "./input-name.ts";
import { notSeekable } from "./random-access-file.ts";
import { nameInput, type Input } from "./read-input.ts";
import { rowSource, type RowReader, type RowSource } from "./row-source.ts";
import type { SourceNotes } from "./source-notes.ts";

/** What a source of a format needs that is read from a file alone. */
export interface FileSourceParts {
  /** What the format is called in messages. */
  readonly format: string;
  readonly compression: Compression | undefined;
  readonly notes: SourceNotes;
  /** @default not known for any row */
  readonly lineOf?: (row: number) => number | undefined;
  /** Loads the code of the format and makes its reader; called by the first read. */
  readonly load: (path: string, name: InputName) => Promise<RowReader>;
}

/** A source of a format whose files are not read from the first byte to the last, and not through a compression. */
export function fileSource(input: Input, { format, notes, load, ...parts }: FileSourceParts): RowSource {
  const name = nameInput(input);
  const file = input instanceof URL ? fileURLToPath(input) : name.position.file;
  const compression = parts.compression ?? (file === undefined ? "none" : compressionOf(file));
  const reader = new LazyReader(async () => {
    if (file === undefined) throw notSeekable(name, format);
    if (compression !== "none") throw notThrough(compression, format, name);
    return load(file, name);
  });
  return rowSource(reader, { file, lineOf: parts.lineOf ?? (() => undefined), notes: notes.all });
}

function notThrough(compression: string, format: string, name: InputName): Error {
  return invalidInput(name, {}, `${format} cannot be read through ${compression}; unpack the file first`);
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
