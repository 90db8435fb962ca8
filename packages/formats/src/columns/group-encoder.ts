import type { Row } from "@parallel-parrot/core";
import type { RowEncoder } from "../sink/row-writer.ts";
import { ColumnGatherer, type GatheredColumn } from "./column-gatherer.ts";
import type { ColumnType, ColumnTypes } from "./column-type.ts";
import { schemaTypes, type SchemaColumns } from "./schema-columns.ts";

/** The bytes of a file whose rows are written in groups. */
export interface GroupFile {
  /** The bytes of the next group. */
  add(columns: readonly GatheredColumn[], rows: number): Uint8Array;
  /** What comes after so many groups: all of them, or the first ones where later ones could not be written. */
  end(groups: number): Uint8Array;
}

/** A format whose rows are written in groups. */
export interface GroupFormat {
  /** What it is called in messages. */
  readonly name: string;
  /** The type that a column is written with. @default the column's own */
  readonly written?: (type: ColumnType) => ColumnType;
  /** Begins a file with these columns. */
  readonly begin: (types: ColumnTypes) => GroupFile;
}

interface Begun {
  readonly file: GroupFile;
  readonly group: ColumnGatherer;
}

/** The piece of rows that are kept back. */
const NOTHING = new Uint8Array();

/** Writes rows in groups, each of which is in memory until it is full. */
export class GroupEncoder implements RowEncoder {
  readonly #format: GroupFormat;
  readonly #columns: SchemaColumns;
  #begun: Begun | undefined;
  #rows = 0;
  /** How many rows there were at the end of each group. */
  readonly #ends: number[] = [];

  constructor(format: GroupFormat, columns: SchemaColumns) {
    this.#format = format;
    this.#columns = columns;
  }

  encode(row: Row, index: number): Uint8Array {
    const { group } = this.#begun ?? this.#begin(Object.keys(row));
    group.add(row, index);
    this.#rows += 1;
    return group.isFull ? this.rest() : NOTHING;
  }

  rest(): Uint8Array {
    if (this.#begun === undefined || this.#begun.group.rows === 0) return NOTHING;
    const { file, group } = this.#begun;
    const { rows } = group;
    const bytes = file.add(group.take(), rows);
    this.#ends.push(this.#rows);
    return bytes;
  }

  end(count: number): Uint8Array {
    const { file } = this.#begun ?? this.#begin([]);
    return file.end(this.#ends.filter((rows) => rows <= count).length);
  }

  #begin(ofRow: readonly string[]): Begun {
    const { name, written, begin } = this.#format;
    const types = schemaTypes(this.#columns, ofRow, written);
    this.#begun = { file: begin(types), group: new ColumnGatherer(name, types) };
    return this.#begun;
  }
}
