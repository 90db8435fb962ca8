import { compressionOf, type Compression } from "../compression.ts";
import { invalidInput, type InputName } from "./input-name.ts";
import { isAddress } from "./remote/remote-address.ts";
import { notSeekable } from "./random-access-file.ts";
import { nameInput, pathOf, type Input } from "./read-input.ts";
import { LazyReader } from "./lazy-reader.ts";
import { rowSource, type RowReader, type RowSource } from "./row-source.ts";
import type { SourceNotes } from "./source-notes.ts";

/** What a source of a format needs that is read from a file alone. */
export interface FileSourceParts {
  /** What the format is called in messages. */
  readonly format: string;
  readonly compression: Compression | undefined;
  readonly notes: SourceNotes;
  /** Whether its files are read on web servers too. @default false */
  readonly readsAddresses?: boolean;
  /** @default not known for any row */
  readonly lineOf?: (row: number) => number | undefined;
  /** Loads the code of the format and makes its reader; called by the first read. */
  readonly load: (path: string, name: InputName) => Promise<RowReader>;
}

/** A source of a format whose files are not read from the first byte to the last, and not through a compression. */
export function fileSource(
  input: Input,
  { format, notes, load, readsAddresses = false, ...parts }: FileSourceParts,
): RowSource {
  const name = nameInput(input);
  const file = pathOf(input);
  const compression = parts.compression ?? (file === undefined ? "none" : compressionOf(file));
  const reader = new LazyReader(async () => {
    if (file === undefined || file === "-") throw notSeekable(name, format);
    if (compression !== "none") throw notThrough(compression, format, name);
    if (isAddress(file) && !readsAddresses)
      throw invalidInput(
        name,
        {},
        `${format} is read from a file of this machine; save it as one and name that`,
      );
    return load(file, name);
  });
  return rowSource(reader, {
    file: name.position.file,
    lineOf: parts.lineOf ?? (() => undefined),
    notes: notes.all,
  });
}

/** The error of an input that is compressed as a whole, in a format that is not. */
export function notThrough(compression: string, format: string, name: InputName): Error {
  return invalidInput(name, {}, `${format} cannot be read through ${compression}; unpack the file first`);
}
