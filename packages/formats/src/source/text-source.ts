import type { Row } from "@parallel-parrot/core";
import { TEXT, type ColumnTypes } from "../columns/column-type.ts";
import type { CsvLayout } from "../csv/csv-layout.ts";
import type { ByteReader } from "./byte-reader.ts";
import { inputDigester } from "./input-digest.ts";
import type { InputName } from "./input-name.ts";
import { LineIndex } from "./line-index.ts";
import { nameInput, readInput, readText, type Input } from "./read-input.ts";
import {
  MAX_RECORD_BYTES,
  rowSource,
  type RowReader,
  type RowSource,
  type SourceOptions,
} from "./row-source.ts";
import { SourceNotes } from "./source-notes.ts";
import { encodedText, encodingOf } from "./encoded-text.ts";
import type { Utf8Checker } from "./utf8-checker.ts";

/** What a parser notes about rows, besides giving them. */
export interface Noted {
  /** Gets the line on which each row begins. */
  readonly lines: LineIndex;
  /** Counts what is done to the input so that it can be read. */
  readonly notes: SourceNotes;
}

/** Turns bytes, cut anywhere between characters, into rows. */
export interface RecordParser {
  /** The header's columns once they are read; `undefined` before, and for formats without a header. */
  columns(): readonly string[] | undefined;
  /** How the text is written, once the header is read. @default there is one way */
  layout?(): Omit<CsvLayout, "byteOrderMark"> | undefined;
  /** Adds the rows that end in `bytes`, and their lines. When it throws, the rows before the fault have been added. */
  write(bytes: Buffer, rows: Row[]): void | Promise<void>;
  end(rows: Row[]): void | Promise<void>;
  /** Adds some of the rows that could not be made before the end; false when there are no more. @default none */
  more?(rows: Row[]): boolean;
  /** Gives back what it holds; may be called again. */
  close?(): void;
  /** Adds the rows that are whole before the input fails. @default all of them have been added */
  flush?(rows: Row[]): void | Promise<void>;
}

/** A source of the rows that a parser finds in text, which it gets as UTF-8. */
export function textSource(
  input: Input,
  options: SourceOptions,
  createParser: (name: InputName, maxRecordBytes: number, noted: Noted) => RecordParser,
): RowSource {
  const { compression, maxRecordBytes = MAX_RECORD_BYTES, onDigest } = options;
  const name = nameInput(input);
  const lines = new LineIndex();
  const notes = new SourceNotes();
  const digester = onDigest === undefined ? undefined : inputDigester();
  const reader = new TextReader(
    compression === undefined
      ? readText(input, (found) => notes.add("COMPRESSION_FOUND", found), digester)
      : readInput(input, compression, digester),
    encodedText(name, {
      encoding: encodingOf(options.encoding),
      hasOption: true,
      onFound: (encoding) => notes.add("ENCODING_FOUND", encoding),
    }),
    createParser(name, maxRecordBytes, { lines, notes }),
    () => digester && onDigest?.(digester.digest()),
  );
  return rowSource(reader, {
    file: name.position.file,
    lineOf: (row) => lines.lineOf(row),
    notes: notes.all,
  });
}

class TextReader implements RowReader {
  readonly #bytes: ByteReader;
  readonly #checker: Utf8Checker;
  readonly #parser: RecordParser;
  readonly #onEnd: () => void;
  #rows: Row[] = [];
  /** Whether all bytes are read. */
  #isAtEnd = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;

  constructor(bytes: ByteReader, checker: Utf8Checker, parser: RecordParser, onEnd: () => void) {
    this.#bytes = bytes;
    this.#checker = checker;
    this.#parser = parser;
    this.#onEnd = onEnd;
  }

  /** Some rows, none at the end. The rows before a fault come out first: an error would discard them. */
  async read(): Promise<readonly Row[]> {
    await this.#advanceUntil(() => this.#rows.length > 0);
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    return rows;
  }

  async columns(): Promise<readonly string[] | undefined> {
    await this.#advanceUntil(() => this.#parser.columns() !== undefined || this.#rows.length > 0);
    const columns = this.#parser.columns();
    if (columns === undefined && this.#rows.length === 0 && this.#failure) throw this.#failure.error;
    return columns;
  }

  /** Where there is a header, every cell below it is text. */
  async columnTypes(): Promise<ColumnTypes | undefined> {
    const columns = await this.columns();
    return columns === undefined ? undefined : new Map(columns.map((column) => [column, TEXT]));
  }

  async layout(): Promise<CsvLayout | undefined> {
    await this.columns();
    const layout = this.#parser.layout?.();
    return layout && { ...layout, byteOrderMark: this.#checker.hasByteOrderMark };
  }

  async cancel(reason: unknown): Promise<void> {
    this.#ended = true;
    this.#parser.close?.();
    await this.#bytes.cancel(reason);
  }

  /** Reads chunks until there is enough, or no more. Two callers may wait for the same chunk. */
  async #advanceUntil(isEnough: () => boolean): Promise<void> {
    while (!isEnough() && !this.#ended && this.#failure === undefined) {
      this.#reading ??= this.#readChunk().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
  }

  async #readChunk(): Promise<void> {
    try {
      if (!this.#isAtEnd) await this.#readBytes();
      if (!this.#isAtEnd || this.#parser.more?.(this.#rows) === true) return;
      // A cancel also ends the bytes, and not at the end of the input.
      if (!this.#ended) this.#onEnd();
      this.#ended = true;
      this.#parser.close?.();
      await this.#bytes.cancel(undefined);
    } catch (error) {
      this.#failure = { error };
      this.#parser.close?.();
      await this.#bytes.cancel(error).catch(() => undefined);
    }
  }

  async #readBytes(): Promise<void> {
    const chunk = await this.#bytes.read();
    const { bytes, error } = chunk === undefined ? this.#checker.end() : this.#checker.check(chunk);
    if (bytes.length > 0) await this.#parser.write(bytes, this.#rows);
    if (error !== undefined) {
      await this.#parser.flush?.(this.#rows);
      throw error;
    }
    if (chunk !== undefined) return;
    await this.#parser.end(this.#rows);
    this.#isAtEnd = true;
  }
}
