import type { Row } from "@parallel-parrot/core";
import { nameColumns } from "../../columns/name-columns.ts";
import { IndexColumn } from "./index-column.ts";
import type { JsonReading, PartReader } from "./json-reading.ts";
import { ListReader } from "./list-reader.ts";
import { leftOut } from "./member-parts.ts";
import { ObjectReader } from "./object-reader.ts";
import { ValueReader } from "./value-reader.ts";

/** Reads what pandas writes with `orient="split"`: `{"columns":[…],"index":[…],"data":[[…],…]}`. */
export class SplitFrame implements PartReader {
  readonly #reading: JsonReading;
  readonly #object: ObjectReader;
  readonly #index: IndexColumn;
  #columns: readonly string[] | undefined;
  /** All columns of a row, with that of the index. */
  #names: readonly string[] = [];
  #hasIndex = false;
  #isDataRead = false;

  constructor(reading: JsonReading) {
    this.#reading = reading;
    this.#index = new IndexColumn(reading);
    this.#object = new ObjectReader(reading, (key, opening) => this.#open(key, opening));
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

  #open(key: string, opening: string): PartReader {
    const reading = this.#reading;
    if (key === "columns")
      return new ValueReader(reading, '"columns"', {
        whole: (text) => {
          this.#columns = this.#namesOf(this.#parse(text, '"columns"'));
        },
      });
    if (key === "index" && opening === "[") {
      if (this.#isDataRead) reading.fail('its "index" comes after its "data"; expected it before');
      this.#hasIndex = true;
      return new ListReader(reading, {
        list: 'the list "index"',
        of: ' of "index"',
        element: (text) => this.#index.add(this.#parse(text, '"index"')),
      });
    }
    return key === "data" ? this.#openData() : leftOut(reading, key);
  }

  #openData(): ListReader {
    const columns =
      this.#columns ?? this.#reading.fail('its "data" comes before its "columns"; expected it after');
    this.#isDataRead = true;
    const isIndexed = this.#hasIndex && !this.#index.isCount;
    this.#names = isIndexed ? [IndexColumn.nameAmong(columns), ...columns] : columns;
    let count = 0;
    return new ListReader(this.#reading, {
      list: 'the list "data"',
      of: ' of "data"',
      elements: "[",
      element: (text, line, rows) => {
        const cells = this.#parse(text, `element ${count + 1} of "data"`);
        const { length } = columns;
        if (!Array.isArray(cells) || cells.length !== length)
          this.#reading.fail(
            `element ${count + 1} of "data" has ${Array.isArray(cells) ? cells.length : "no"} cells, and there are ${length} columns`,
            { line },
          );
        const row: readonly unknown[] = isIndexed ? [this.#index.labelOf(count), ...cells] : cells;
        count += 1;
        this.#reading.addRow(rowOf(this.#names, row), line, rows);
      },
    });
  }

  #namesOf(columns: unknown): readonly string[] {
    if (!Array.isArray(columns)) this.#reading.fail('expected "columns" to be a list');
    const names = columns.map((name: unknown) => {
      if (typeof name === "object" && name !== null)
        this.#reading.fail(
          "the columns of the data frame have several levels; give each column one name first",
        );
      return String(name);
    });
    return nameColumns(names, "rename", this.#reading.name, this.#reading.line);
  }

  #parse(text: string, what: string): unknown {
    const parsed = this.#reading.parse(text);
    return parsed.ok ? parsed.value : this.#reading.fail(`${what}: ${parsed.problem}`, parsed);
  }
}

/** A row of cells; an own member for a column called `__proto__` too. */
export function rowOf(columns: readonly string[], cells: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((column, place) => [column, cells[place]]));
}
