import { setImmediate as nextTurn } from "node:timers/promises";
import { isParrotError, setCell, type Row } from "@parallel-parrot/core";
import { sizeOfCell } from "../../columns/cell-size.ts";
import { CellTypeFinder } from "../../columns/cell-type-finder.ts";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { nameColumns } from "../../columns/name-columns.ts";
import type { InputDigest } from "../../source/input-digest.ts";
import { invalidInput, recordTooLong, type InputName } from "../../source/input-name.ts";
import type { LongNumbers } from "../../source/long-numbers.ts";
import type { RowReader } from "../../source/row-source.ts";
import type { SourceNotes } from "../../source/source-notes.ts";
import { cellOf, declaredOf, typeOf, type Declared } from "./column-cells.ts";
import { limitCells } from "./limit-cells.ts";
import { damaged, SqliteFile } from "./sqlite-file.ts";
import { statementOf, type Selected, type Selection } from "./statement-of.ts";

/** Rows that are handed on together: so many, or about so many bytes. */
const PACKET_ROWS = 1000;
const PACKET_BYTES: number = 2 ** 20;

/** What a text has in place of bytes that are not UTF-8. */
const UNKNOWN = "\uFFFD";

/** What SQLite says of a cell that is too large, and Node.js of one that is no text of JavaScript. */
const TOO_BIG = /string or blob too big|string longer than/i;

/** How a database is read. */
export interface SqliteReaderOptions extends Selection {
  readonly longNumbers: LongNumbers;
  readonly maxRecordBytes: number;
  readonly onDigest: ((digest: InputDigest) => void) | undefined;
  readonly notes: SourceNotes;
}

interface Column {
  readonly name: string;
  readonly declared: Declared;
}

interface Opened {
  readonly file: SqliteFile;
  readonly columns: readonly Column[];
  readonly maxRows: number;
  readonly values: Iterator<readonly unknown[]>;
}

/** Reads the rows of a table or query, a packet at a time. */
export class SqliteReader implements RowReader {
  readonly #path: string;
  readonly #name: InputName;
  readonly #options: SqliteReaderOptions;
  #opening: Promise<Opened> | undefined;
  #row = 0;
  #ended = false;

  constructor(path: string, name: InputName, options: SqliteReaderOptions) {
    this.#path = path;
    this.#name = name;
    this.#options = options;
  }

  async columns(): Promise<readonly string[]> {
    return (await this.#open()).columns.map(({ name }) => name);
  }

  /** The types that hold all cells, which are read once for that: SQLite stores any value in any column. */
  async columnTypes(): Promise<ColumnTypes> {
    const { file, columns, maxRows } = await this.#open();
    const finder = new CellTypeFinder();
    for (const { name } of columns) finder.add(name, undefined);
    let count = 0;
    try {
      for (const stored of this.#valuesOf(this.#select(file), maxRows)) {
        const cells = this.#cellsOf(stored, columns);
        for (const [place, { name, declared }] of columns.entries())
          finder.add(name, typeOf(stored[place], cells[place], declared));
        count += 1;
        // Whoever waits for something else is not kept waiting by a large table.
        if (count % PACKET_ROWS === 0) await nextTurn();
      }
    } catch (error) {
      throw this.#asInvalid(error);
    }
    return finder.types;
  }

  async read(): Promise<readonly Row[]> {
    if (this.#ended) return [];
    const opened = await this.#open();
    try {
      const rows = this.#readPacket(opened);
      if (rows.length === 0) await this.#finish(opened);
      return rows;
    } catch (error) {
      await this.cancel();
      throw this.#asInvalid(error);
    }
  }

  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // Waits for an opening in progress, or its descriptor would stay.
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.file.close();
  }

  async #finish({ file }: Opened): Promise<void> {
    const { onDigest } = this.#options;
    const digest = onDigest === undefined ? undefined : await file.digest();
    await file.requireUnchanged();
    // A cancel also ends the reading, and not at the end of the input.
    if (digest !== undefined && !this.#ended) onDigest?.(digest);
    await this.cancel();
  }

  #readPacket({ columns, values }: Opened): readonly Row[] {
    const { maxRecordBytes, notes } = this.#options;
    const rows: Row[] = [];
    let bytes = 0;
    while (rows.length < PACKET_ROWS && bytes < PACKET_BYTES) {
      const next = values.next();
      if (next.done === true) break;
      const cells = this.#cellsOf(next.value, columns);
      const size = cells.reduce<number>((sum, cell) => sum + sizeOfCell(cell), 0);
      if (size > maxRecordBytes) throw recordTooLong(this.#name, { row: this.#row }, maxRecordBytes);
      const row: Row = {};
      for (const [place, { name }] of columns.entries()) {
        const cell = cells[place];
        if (typeof cell === "string" && cell.includes(UNKNOWN)) notes.add("UNKNOWN_CHARACTER", cell);
        setCell(row, name, cell);
      }
      rows.push(row);
      bytes += size;
      this.#row += 1;
    }
    return rows;
  }

  #cellsOf(stored: readonly unknown[], columns: readonly Column[]): readonly unknown[] {
    const { longNumbers } = this.#options;
    return columns.map(({ declared }, place) => cellOf(stored[place], declared, longNumbers));
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#openRows();
    return this.#opening;
  }

  async #openRows(): Promise<Opened> {
    const file = await SqliteFile.open(this.#path, this.#name);
    try {
      const selected = this.#select(file);
      const found = selected.statement.columns();
      limitCells(file.database, found.length, this.#options.maxRecordBytes);
      const names = nameColumns(
        found.map(({ name }) => name),
        "rename",
        this.#name,
        1,
      );
      const columns = found.map(({ type }, place) => ({
        name: names[place] ?? "",
        declared: declaredOf(type),
      }));
      const maxRows = await file.maxRows();
      return { file, columns, maxRows, values: this.#valuesOf(selected, maxRows) };
    } catch (error) {
      await file.close();
      throw this.#asInvalid(error);
    }
  }

  #select({ database }: SqliteFile): Selected {
    return statementOf(database, this.#options, this.#name);
  }

  /** The values of each row. The pages of a file that a stranger has made can be in a table again and again. */
  *#valuesOf({ statement, isStored }: Selected, maxRows: number): Generator<readonly unknown[], void> {
    let count = 0;
    for (const values of statement.iterate()) {
      count += 1;
      if (isStored && count > maxRows)
        throw invalidInput(
          this.#name,
          { row: count },
          "a table has more rows than the file has bytes; is it damaged?",
        );
      yield asList(values);
    }
  }

  #asInvalid(error: unknown): unknown {
    if (isParrotError(error)) return error;
    const isTooLong = error instanceof Error && TOO_BIG.test(error.message);
    return isTooLong
      ? recordTooLong(this.#name, { row: this.#row }, this.#options.maxRecordBytes)
      : damaged(this.#name, error);
  }
}

/** The values of a row, which the statement gives as a list. */
function asList(values: unknown): readonly unknown[] {
  return Array.isArray(values) ? values : [];
}
