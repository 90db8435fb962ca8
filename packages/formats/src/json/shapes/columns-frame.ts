import { StringDecoder } from "node:string_decoder";
import type { Row } from "@parallel-parrot/core";
import { IndexColumn } from "./index-column.ts";
import type { JsonReading, PartReader } from "./json-reading.ts";
import { ObjectReader } from "./object-reader.ts";
import { rowOf } from "./split-frame.ts";
import { TextSpill } from "./text-spill.ts";
import { ValueReader } from "./value-reader.ts";

/** So many rows are made at once. */
const BATCH_ROWS = 500;
/** So much of all columns together is in memory. */
const WINDOW_BYTES = 16 * 2 ** 20;
const MAX_CHUNK_BYTES = 64 * 1024;
const MIN_CHUNK_BYTES = 1024;

/**
 * Reads what pandas writes without an `orient`, or with `orient="columns"`: `{"a":{"0":…,"1":…},"b":{…}}`. A column
 * comes whole before the next one begins, so they are kept on the disk until the last one has come, and rows are made
 * at the end.
 */
export class ColumnsFrame implements PartReader {
  readonly #reading: JsonReading;
  readonly #object: ObjectReader;
  readonly #spill = new TextSpill();
  readonly #index: IndexColumn;
  /** For the cells, whose lines were counted before. */
  readonly #cells: JsonReading;
  readonly #columns: { readonly name: string; readonly start: number }[] = [];
  #cursors: readonly ColumnCursor[] | undefined;
  #names: readonly string[] = [];

  constructor(reading: JsonReading) {
    this.#reading = reading;
    this.#cells = reading.again();
    this.#index = new IndexColumn(this.#cells);
    this.#object = new ObjectReader(reading, (key, opening) => this.#openColumn(key, opening));
  }

  get isEnded(): boolean {
    return this.#object.isEnded;
  }

  write(text: string, at: number, rows: Row[]): number {
    return this.#object.write(text, at, rows);
  }

  failUnended(): never {
    this.#object.failUnended();
  }

  /** Adds some of the rows; false when there are no more. */
  more(rows: Row[]): boolean {
    this.#cursors ??= this.#openCursors();
    for (let made = 0; made < BATCH_ROWS; made++) {
      const [first, ...others] = this.#cursors.map((cursor) => cursor.next());
      if (first === undefined || others.some((cell) => cell?.label !== first.label)) {
        this.#requireEnd([first, ...others]);
        this.close();
        return false;
      }
      const cells = [first, ...others].map((cell) => cell?.value);
      const { row } = this.#cells;
      const isIndexed = !this.#index.isCount;
      rows.push(rowOf(this.#names, isIndexed ? [this.#index.labelOf(row), ...cells] : cells));
      this.#cells.row += 1;
    }
    return true;
  }

  close(): void {
    this.#spill.close();
  }

  #openColumn(name: string, opening: string): PartReader {
    if (opening !== "{")
      this.#reading.failAt(`expected the column ${JSON.stringify(name)} to be an object of cells`, opening);
    this.#columns.push({ name, start: this.#spill.end });
    const piece = (text: string): void => this.#spill.add(text);
    return new ValueReader(this.#reading, `the column ${JSON.stringify(name)}`, { piece });
  }

  #openCursors(): readonly ColumnCursor[] {
    const chunk = Math.min(
      MAX_CHUNK_BYTES,
      Math.max(MIN_CHUNK_BYTES, Math.floor(WINDOW_BYTES / this.#columns.length)),
    );
    const { end } = this.#spill;
    const cursorAt = (place: number): ColumnCursor => {
      const { name = "", start = end } = this.#columns[place] ?? {};
      return new ColumnCursor(this.#cells, name, this.#spill, {
        start,
        end: this.#columns[place + 1]?.start ?? end,
        chunk,
      });
    };
    // What the labels are decides whether there is a column of them, before the first row.
    const labels = cursorAt(0);
    for (let cell = labels.nextLabel(); cell !== undefined; cell = labels.nextLabel()) this.#index.add(cell);
    const names = this.#columns.map(({ name }) => name);
    this.#names = this.#index.isCount ? names : [IndexColumn.nameAmong(names), ...names];
    return names.map((_, place) => cursorAt(place));
  }

  /** All columns must end together, and have cells of the same labels. */
  #requireEnd(cells: readonly (Cell | undefined)[]): void {
    const [first] = cells;
    const place = cells.findIndex((cell) => cell?.label !== first?.label);
    if (place === -1) return;
    const [one, other] = [this.#columns[0]?.name, this.#columns[place]?.name].map((name) =>
      JSON.stringify(name),
    );
    const [here, there] = [first, cells[place]].map((cell) =>
      cell === undefined ? "ends" : `has ${JSON.stringify(cell.label)}`,
    );
    this.#cells.fail(`the column ${other} ${there} where the column ${one} ${here}`);
  }
}

interface Cell {
  /** Of the row, in the index. */
  readonly label: string;
  readonly value: unknown;
}

/** Where a column lies, and how much of it is read at once. */
interface ColumnPlace {
  readonly start: number;
  readonly end: number;
  readonly chunk: number;
}

/** Reads the cells of one column that is kept on the disk. */
class ColumnCursor {
  readonly #reading: JsonReading;
  readonly #name: string;
  readonly #spill: TextSpill;
  readonly #end: number;
  readonly #chunk: number;
  readonly #object: ObjectReader;
  readonly #decoder = new StringDecoder();
  #cells: { label: string; text: string }[] = [];
  #taken = 0;
  #at: number;

  constructor(reading: JsonReading, name: string, spill: TextSpill, { start, end, chunk }: ColumnPlace) {
    this.#reading = reading;
    this.#name = name;
    this.#spill = spill;
    this.#at = start;
    this.#end = end;
    this.#chunk = chunk;
    this.#object = new ObjectReader(
      reading,
      (label) =>
        new ValueReader(reading, `the cell ${JSON.stringify(label)} of the column ${JSON.stringify(name)}`, {
          whole: (text) => void this.#cells.push({ label, text }),
        }),
    );
  }

  next(): Cell | undefined {
    const cell = this.#take();
    if (cell === undefined) return undefined;
    const parsed = this.#reading.parse(cell.text);
    return parsed.ok
      ? { label: cell.label, value: parsed.value }
      : this.#reading.fail(
          `the cell ${JSON.stringify(cell.label)} of the column ${JSON.stringify(this.#name)}: ${parsed.problem}`,
          parsed,
        );
  }

  nextLabel(): string | undefined {
    return this.#take()?.label;
  }

  #take(): { label: string; text: string } | undefined {
    while (this.#taken === this.#cells.length && this.#at < this.#end) this.#readOn();
    const cell = this.#cells[this.#taken];
    this.#taken += 1;
    return cell;
  }

  #readOn(): void {
    const bytes = this.#spill.read(this.#at, Math.min(this.#chunk, this.#end - this.#at));
    this.#at += bytes.length;
    this.#cells = [];
    this.#taken = 0;
    this.#object.write(this.#decoder.write(bytes), 0, []);
  }
}
