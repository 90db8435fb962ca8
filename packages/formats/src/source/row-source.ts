import { Packet, PacketStream, type Row } from "@parallel-parrot/core";
import type { ByteReader } from "./byte-reader.ts";
import { nameInput, readInput, type Input } from "./read-input.ts";
import type { Compression } from "../compression.ts";
import { inputDigester, type InputDigest } from "./input-digest.ts";
import type { InputName } from "./input-name.ts";
import { LineIndex } from "./line-index.ts";
import type { RoundedNumbers } from "./long-numbers.ts";
import { utf8Checker, type Utf8Checker } from "./utf8-checker.ts";

/** Options of every source. */
export interface SourceOptions {
  /** @default by a path's extension: `.gz`, `.zst`, otherwise none */
  readonly compression?: Compression;
  /** Most bytes that one record may have. @default 16 MiB */
  readonly maxRecordBytes?: number;
  /**
   * Gets the digest of the input, computed as it is read, once it has been read to its end without a fault; before
   * the stream of rows ends. Not called for a source that is cancelled or fails. What it throws fails the source.
   * @default none: nothing is hashed
   */
  readonly onDigest?: (digest: InputDigest) => void;
}

/** A stream of rows. Nothing is opened before the first read. */
export interface RowSource<R extends Row = Row> extends ReadableStream<R> {
  /**
   * Opens the input and gives its columns in order, before or while rows are read; no row is lost. `undefined`
   * for formats without a header. Rejects with the error that reading would find.
   */
  columns(): Promise<readonly string[] | undefined>;
  /** Path of the input, where it is a file. */
  readonly file: string | undefined;
  /**
   * The line, counted from 1, on which a row that was read begins; `row` counts from 0. `undefined` for a row
   * that was not read yet, and for one that is far behind in an input whose rows have blank lines or several
   * lines: the last 131,072 such places are known.
   */
  lineOf(row: number): number | undefined;
  /** Numbers that were rounded so far, as they had more digits than a number holds; only JSON has them. */
  readonly rounded: Readonly<RoundedNumbers>;
}

/** What a parser notes about rows, besides giving them. */
export interface Noted {
  /** Gets the line on which each row begins. */
  readonly lines: LineIndex;
  readonly rounded: RoundedNumbers;
}

/** Turns bytes, cut anywhere between characters, into rows. */
export interface RecordParser {
  /** The header's columns once they are read; `undefined` before, and for formats without a header. */
  columns(): readonly string[] | undefined;
  /** Adds the rows that end in `bytes`, and their lines. When it throws, the rows before the fault have been added. */
  write(bytes: Buffer, rows: Row[]): void | Promise<void>;
  end(rows: Row[]): void | Promise<void>;
}

const MAX_RECORD_BYTES = 16 * 2 ** 20;

/** A source of the rows that a parser finds. */
export function rowSource(
  input: Input,
  options: SourceOptions,
  createParser: (name: InputName, maxRecordBytes: number, noted: Noted) => RecordParser,
): RowSource {
  const { compression, maxRecordBytes = MAX_RECORD_BYTES, onDigest } = options;
  const name = nameInput(input);
  const lines = new LineIndex();
  const rounded: RoundedNumbers = { count: 0, first: undefined };
  const digester = onDigest === undefined ? undefined : inputDigester();
  const reader = new RowReader(
    readInput(input, compression, digester),
    utf8Checker(name),
    createParser(name, maxRecordBytes, { lines, rounded }),
    () => digester && onDigest?.(digester.digest()),
  );
  const packets = new ReadableStream<Packet<Row>>(
    {
      async pull(controller) {
        const rows = await reader.read();
        if (rows.length === 0) controller.close();
        else controller.enqueue(new Packet(rows));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return Object.assign(new PacketStream(packets), {
    columns: () => reader.columns(),
    file: name.position.file,
    lineOf: (row: number) => lines.lineOf(row),
    rounded,
  });
}

class RowReader {
  readonly #bytes: ByteReader;
  readonly #checker: Utf8Checker;
  readonly #parser: RecordParser;
  readonly #onEnd: () => void;
  #rows: Row[] = [];
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

  async cancel(reason: unknown): Promise<void> {
    this.#ended = true;
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
      const chunk = await this.#bytes.read();
      const { bytes, error } = chunk === undefined ? this.#checker.end() : this.#checker.check(chunk);
      if (bytes.length > 0) await this.#parser.write(bytes, this.#rows);
      if (error !== undefined) throw error;
      if (chunk !== undefined) return;
      await this.#parser.end(this.#rows);
      // A cancel also ends the bytes, and not at the end of the input.
      if (!this.#ended) this.#onEnd();
      this.#ended = true;
      await this.#bytes.cancel(undefined);
    } catch (error) {
      this.#failure = { error };
      await this.#bytes.cancel(error).catch(() => undefined);
    }
  }
}
