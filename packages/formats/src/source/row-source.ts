import { Packet, PacketStream, type Row } from "@parallel-parrot/core";
import type { ColumnTypes } from "../columns/column-type.ts";
import type { CsvLayout } from "../csv/csv-layout.ts";
import type { Compression } from "../compression.ts";
import type { InputDigest } from "./input-digest.ts";
import type { RowPlace } from "./row-place.ts";
import type { SourceNote } from "./source-notes.ts";

/** The most bytes of one record where nothing else is asked for. */
export const MAX_RECORD_BYTES: number = 16 * 2 ** 20;

/** Options of every source. */
export interface SourceOptions {
  /** @default by the first bytes of text, whatever its name says */
  readonly compression?: Compression;
  /**
   * The encoding of text without a byte order mark: any that `TextDecoder` knows, such as `windows-1252`.
   * @default UTF-8
   */
  readonly encoding?: string;
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
  /**
   * The types of the columns, for a sink whose format has types: those that Parquet and Arrow store, those that hold all
   * cells in Excel and SQLite, and text for each column of CSV. `undefined` for JSON, where each cell has a type of its
   * own. Opens the input as `columns` does.
   */
  columnTypes(): Promise<ColumnTypes | undefined>;
  /**
   * How a text table is written: what separates its cells, what ends its lines, whether it has a byte order mark. A
   * sink that is given the same options writes it in the same way. `undefined` for other formats. Opens the input as
   * `columns` does.
   */
  layout(): Promise<CsvLayout | undefined>;
  /** Path of the input, where it is a single file. */
  readonly file: string | undefined;
  /** Paths of all inputs that are files. */
  readonly files: readonly string[];
  /**
   * Where a row that was read comes from, of a source that reads several inputs too; `row` counts from 0 over all of
   * them. `undefined` for a row that was not read yet.
   */
  placeOf(row: number): RowPlace | undefined;
  /**
   * The line, counted from 1, on which a row that was read begins; `row` counts from 0. `undefined` for a row
   * that was not read yet, and for one that is far behind in an input whose rows have blank lines or several
   * lines: the last 131,072 such places are known.
   */
  lineOf(row: number): number | undefined;
  /** What was done to the input so that its rows could be read, as far as they were: the list grows. */
  readonly notes: readonly SourceNote[];
}

/** Reads the rows of an input, whatever its format is made of. Nothing is opened before the first call. */
export interface RowReader {
  /** Some rows, none at the end. */
  read(): Promise<readonly Row[]>;
  /** The columns in order; `undefined` for formats without a header. No row is lost. */
  columns(): Promise<readonly string[] | undefined>;
  /** The types of the columns; `undefined` for formats whose cells have types of their own. */
  columnTypes(): Promise<ColumnTypes | undefined>;
  /** How the text is written. @default it is none of a table */
  layout?(): Promise<CsvLayout | undefined>;
  /** Gives everything back. */
  cancel(reason: unknown): Promise<void>;
}

/** A source of the rows that a reader finds. */
export function rowSource(
  reader: RowReader,
  facts: Pick<RowSource, "file" | "lineOf" | "notes"> & Partial<Pick<RowSource, "files" | "placeOf">>,
): RowSource {
  let count = 0;
  const packets = new ReadableStream<Packet<Row>>(
    {
      async pull(controller) {
        const rows = await reader.read();
        count += rows.length;
        if (rows.length === 0) controller.close();
        else controller.enqueue(new Packet(rows));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return Object.assign(new PacketStream(packets), {
    columns: () => reader.columns(),
    columnTypes: () => reader.columnTypes(),
    files: facts.file === undefined ? [] : [facts.file],
    layout: async () => reader.layout?.(),
    placeOf: (row: number) =>
      row < count ? { input: 0, file: facts.file, row, line: facts.lineOf(row) } : undefined,
    ...facts,
  });
}
