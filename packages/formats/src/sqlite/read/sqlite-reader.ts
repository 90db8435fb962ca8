import { setImmediate as nextTurn } from "node:timers/promises";
import type { StatementSync } from "node:sqlite";
import { isParrotError, setCell, type Row } from "@parallel-parrot/core";
import { CellTypeFinder } from "../../columns/cell-type-finder.ts";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { nameColumns } from "../../columns/name-columns.ts";
import type { InputDigest } from "../../source/input-digest.ts";
import { recordTooLong, type InputName } from "../../source/input-name.ts";
import type { LongNumbers } from "../../source/long-numbers.ts";
import type { RowReader } from "../../source/row-source.ts";
import type { SourceNotes } from "../../source/source-notes.ts";
import { cellOf, declaredOf, typeOf, type Declared } from "./column-cells.ts";
import { damaged, SqliteFile } from "./sqlite-file.ts";
import { statementOf, type Selection } from "./statement-of.ts";

/** Rows that are handed on together: so many, or about so many bytes. */
const PACKET_ROWS = 1000;
const PACKET_BYTES: number = 2 ** 20;

/** What a text has in place of bytes that are not UTF-8. */
const UNKNOWN = "\uFFFD";

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
  readonly values: Iterator<unknown>;
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
    const { file, columns } = await this.#open();
    const finder = new CellTypeFinder();
    for (const { name } of columns) finder.add(name, undefined);
    let count = 0;
    try {
      for (const values of this.#statement(file).iterate()) {
        const stored = asList(values);
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
      const cells = this.#cellsOf(asList(next.value), columns);
      const size = sizeOf(cells);
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
      const statement = this.#statement(file);
      const found = statement.columns();
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
      return { file, columns, values: statement.iterate() };
    } catch (error) {
      await file.close();
      throw this.#asInvalid(error);
    }
  }

  #statement({ database }: SqliteFile): StatementSync {
    return statementOf(database, this.#options, this.#name);
  }

  #asInvalid(error: unknown): unknown {
    return isParrotError(error) ? error : damaged(this.#name, error);
  }
}

/** The values of a row, which the statement gives as a list. */
function asList(values: unknown): readonly unknown[] {
  return Array.isArray(values) ? values : [];
}

/** About how many bytes cells take. */
function sizeOf(cells: readonly unknown[]): number {
  let size = 0;
  for (const cell of cells) {
    if (typeof cell === "string") size += cell.length;
    else if (cell instanceof Uint8Array) size += cell.length;
    else size += 8;
  }
  return size;
}
