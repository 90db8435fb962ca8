import { getCell, type Row } from "@parallel-parrot/core";
import { UnwritableCell } from "../sink/unwritable-row.ts";
import type { ColumnTypes } from "./column-type.ts";
import { newColumn } from "./schema-columns.ts";
import { toStored, type ToStored } from "./stored-value.ts";

/** So many rows are gathered at most, and about so many bytes: they are in memory until then. */
const MAX_ROWS = 20_000;
const MAX_BYTES = 16 * 2 ** 20;

/** The stored values of a column, `undefined` for null. */
export interface GatheredColumn {
  readonly name: string;
  readonly values: unknown[];
}

interface Column {
  readonly name: string;
  readonly toStored: ToStored;
  values: unknown[];
}

/** Gathers rows as columns of stored values, for formats that write many rows together. */
export class ColumnGatherer {
  /** The format, in messages. */
  readonly #form: string;
  readonly #columns: readonly Column[];
  readonly #known: ReadonlySet<string>;
  #rows = 0;
  #bytes = 0;

  constructor(form: string, types: ColumnTypes) {
    this.#form = form;
    this.#columns = [...types].map(([name, type]) => ({ name, toStored: toStored(type), values: [] }));
    this.#known = new Set(types.keys());
  }

  get rows(): number {
    return this.#rows;
  }

  get isFull(): boolean {
    return this.#rows >= MAX_ROWS || this.#bytes >= MAX_BYTES;
  }

  /** Adds a row. Where that throws, nothing of it is added. */
  add(row: Row, index: number): void {
    for (const column of Object.keys(row))
      if (!this.#known.has(column)) throw newColumn(this.#form, column, index);
    const values = this.#columns.map((column) => this.#storedOf(row, column));
    for (const [place, column] of this.#columns.entries()) {
      column.values.push(values[place]);
      this.#bytes += sizeOf(values[place]);
    }
    this.#rows += 1;
  }

  /** Gives what was gathered, and begins anew. */
  take(): GatheredColumn[] {
    const taken = this.#columns.map(({ name, values }) => ({ name, values }));
    for (const column of this.#columns) column.values = [];
    this.#rows = 0;
    this.#bytes = 0;
    return taken;
  }

  #storedOf(row: Row, { name, toStored }: Column): unknown {
    try {
      return toStored(getCell(row, name));
    } catch (error) {
      throw new UnwritableCell(error, name, this.#form);
    }
  }
}

/** About how many bytes a value takes. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length + 8;
  if (value instanceof Uint8Array) return value.length + 8;
  if (typeof value !== "object" || value === null) return 8;
  let size = 8;
  for (const inner of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
    size += sizeOf(inner);
  return size;
}
