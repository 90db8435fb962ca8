import type { StatementSync } from "node:sqlite";
import { cellText, type loadSqlite, type Row } from "@parallel-parrot/core";
import type { ReadRow } from "../run-source.ts";
import type { ColumnCondition, Marks } from "./row-filter.ts";

type Database = InstanceType<ReturnType<typeof loadSqlite>["DatabaseSync"]>;

const TABLES = `
CREATE TABLE words (first INTEGER PRIMARY KEY, ends BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE column_name (id INTEGER PRIMARY KEY, side TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (side, name)) STRICT;
CREATE TABLE cells (
  column_id INTEGER NOT NULL, first INTEGER NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (column_id, first)
) STRICT, WITHOUT ROWID;
`;

/** The cells of a column in some successive rows: the row that each is of, counted from the first, and its text. */
type ColumnCells = (readonly [row: number, text: string])[];

/** A column of the input, or of outputs. */
export type ColumnName = Pick<ColumnCondition, "of" | "name">;

/** The most columns that are kept apart: each of a million rows may have others. */
const MOST_COLUMNS = 200;

/**
 * The texts of rows, packed by some hundred rows: those of a row together, to be searched, and those of each column, to be
 * compared and counted. A million rows are then passed over some times faster than one by one.
 */
export class CellBlocks {
  readonly #database: Database;
  readonly #addWords: StatementSync;
  readonly #addCells: StatementSync;
  readonly #columns = new Map<string, number>();

  constructor(database: Database) {
    database.exec(TABLES);
    this.#database = database;
    this.#addWords = database.prepare("INSERT INTO words VALUES (?, ?, ?)");
    this.#addCells = database.prepare("INSERT INTO cells VALUES (?, ?, ?)");
  }

  /** The columns of a side, in the order in which they have come. */
  columnsOf(side: ColumnName["of"]): readonly string[] {
    const names = this.#database.prepare("SELECT name FROM column_name WHERE side = ? ORDER BY id");
    return names.all(side).map(({ name }) => String(name));
  }

  /** @param first the place of the first of these rows */
  add(first: number, rows: readonly ReadRow[]): void {
    const columns = new Map<number, ColumnCells>();
    const texts: string[] = [];
    for (const [at, { row, outputs, failure }] of rows.entries()) {
      const words: string[] = [failure?.answer ?? "", failure?.message ?? ""];
      const take = (side: ColumnName["of"], cells: Row): void => {
        for (const [name, cell] of Object.entries(cells)) {
          const text = cellText(cell) ?? "";
          words.push(text);
          this.#cellsOf(columns, side, name)?.push([at, text]);
        }
      };
      take("input", row);
      for (const choice of outputs) for (const output of choice) take("output", output);
      texts.push(words.join("\n").toLowerCase());
    }
    const ends = new Uint32Array(rows.length);
    let end = 0;
    for (const [at, text] of texts.entries()) {
      end += Buffer.byteLength(text);
      ends[at] = end;
    }
    this.#addWords.run(first, new Uint8Array(ends.buffer), Buffer.from(texts.join("")));
    for (const [id, cells] of columns) this.#addCells.run(id, first, JSON.stringify(cells));
  }

  /** Marks the rows that have a text somewhere. @param count how many rows there are */
  search(text: string, count: number): Marks {
    const marks = new Uint8Array(count);
    const wanted = Buffer.from(text.toLowerCase());
    for (const { first, ends, bytes } of this.#database
      .prepare("SELECT * FROM words ORDER BY first")
      .iterate())
      if (bytes instanceof Uint8Array && ends instanceof Uint8Array)
        markFound(marks, Number(first), { bytes: bufferOf(bytes), ends: numbersOf(ends), wanted });
    return marks;
  }

  /** Marks the rows of which a cell of a column fits. */
  matching({ is, text, ...column }: ColumnCondition, count: number): Marks {
    const marks = new Uint8Array(count);
    const wanted = text.toLowerCase();
    const fits =
      is === "equal"
        ? (cell: string) => cell === text
        : (cell: string) => cell.toLowerCase().includes(wanted);
    for (const [first, cells] of this.cellsOf(column))
      for (const [row, cell] of cells) if (marks[first + row] === 0 && fits(cell)) marks[first + row] = 1;
    return marks;
  }

  /** The cells of a column, in blocks. */
  *cellsOf({ of, name }: ColumnName): Generator<readonly [first: number, cells: ColumnCells]> {
    const id = this.#columns.get(`${of} ${name}`);
    if (id === undefined) return;
    const blocks = this.#database.prepare(
      "SELECT first, cells FROM cells WHERE column_id = ? ORDER BY first",
    );
    for (const { first, cells } of blocks.iterate(id))
      yield [Number(first), JSON.parse(String(cells)) as ColumnCells];
  }

  #cellsOf(columns: Map<number, ColumnCells>, side: string, name: string): ColumnCells | undefined {
    const key = `${side} ${name}`;
    let id = this.#columns.get(key);
    if (id === undefined) {
      if (this.#columns.size === MOST_COLUMNS) return undefined;
      id = this.#columns.size;
      this.#columns.set(key, id);
      this.#database.prepare("INSERT INTO column_name VALUES (?, ?, ?)").run(id, side, name);
    }
    const known = columns.get(id);
    if (known !== undefined) return known;
    const cells: ColumnCells = [];
    columns.set(id, cells);
    return cells;
  }
}

interface Words {
  readonly bytes: Buffer;
  /** Where the text of each row ends. */
  readonly ends: Uint32Array;
  readonly wanted: Buffer;
}

function markFound(marks: Marks, first: number, { bytes, ends, wanted }: Words): void {
  let row = 0;
  for (let at = bytes.indexOf(wanted); at !== -1;) {
    while ((ends[row] ?? Infinity) <= at) row += 1;
    const end = ends[row] ?? bytes.length;
    const isWithin = at + wanted.length <= end;
    if (isWithin) marks[first + row] = 1;
    at = bytes.indexOf(wanted, isWithin ? end : at + 1);
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Numbers that were written as bytes, wherever these begin in memory. */
function numbersOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
