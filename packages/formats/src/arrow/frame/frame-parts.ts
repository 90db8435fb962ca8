import { getCell, type Row } from "@parallel-parrot/core";
import { toStored, type ToStored } from "../../columns/stored-value.ts";
import { UnwritableCell } from "../../sink/unwritable-row.ts";
import type { ArrowArray, ArrowBatch } from "../ipc/arrow-array.ts";
import type { ArrowField } from "../ipc/arrow-field.ts";
import { arrayOf } from "../write/array-of.ts";
import { fieldOf } from "../write/field-of.ts";
import type { FrameBuilder, FrameColumn } from "./arrow-frame.ts";
import { take } from "./take.ts";

/** A column of the frame that is made: the place of one of the other, or what is added. */
export type BuiltColumn =
  | { readonly name: string; readonly place: number }
  | {
      readonly name: string;
      readonly field: ArrowField;
      readonly toStored: ToStored;
      readonly value: number;
    };

/** What became of a record batch: the columns in order, taken or made. */
export interface BuiltBatch {
  readonly length: number;
  readonly columns: readonly ArrowArray[];
}

interface Entry {
  readonly index: number;
  readonly stored: readonly unknown[];
}

/** Gathers rows, and makes the arrays of a frame of them. */
export class FrameParts implements FrameBuilder {
  readonly columns: readonly BuiltColumn[];
  readonly #fields: readonly ArrowField[];
  readonly #batches: readonly ArrowBatch[];
  readonly #finish: (parts: FrameParts) => Promise<unknown>;
  readonly #names: ReadonlySet<string>;
  readonly #entries: Entry[] = [];

  constructor(
    fields: readonly ArrowField[],
    batches: readonly ArrowBatch[],
    columns: readonly FrameColumn[],
    finish: (parts: FrameParts) => Promise<unknown>,
  ) {
    this.#fields = fields;
    this.#batches = batches;
    this.#finish = finish;
    this.#names = new Set(columns.map(({ name }) => name));
    let value = 0;
    this.columns = columns.map((column) => {
      const { name } = column;
      if ("from" in column) return { name, place: fields.findIndex((field) => field.name === column.from) };
      return { name, field: fieldOf(name, column.type), toStored: toStored(column.type), value: value++ };
    });
  }

  add(index: number, row: Row): void {
    for (const name of Object.keys(row))
      if (!this.#names.has(name))
        throw new UnwritableCell(new TypeError("the output has no such column"), name, "Arrow");
    const stored = this.columns.flatMap((column) => ("place" in column ? [] : [storedOf(column, row)]));
    this.#entries.push({ index, stored });
  }

  finish(): Promise<unknown> {
    return this.#finish(this);
  }

  /** The record batches that have rows, in order. */
  batches(): BuiltBatch[] {
    const entries = this.#entries.toSorted((a, b) => a.index - b.index);
    let [start, at] = [0, 0];
    return this.#batches.flatMap((batch) => {
      const end = start + batch.length;
      const first = at;
      while ((entries[at]?.index ?? Infinity) < end) at += 1;
      const own = entries.slice(first, at);
      const places = own.map(({ index }) => index - start);
      start = end;
      if (own.length === 0) return [];
      return [
        {
          length: own.length,
          columns: this.columns.map((column) => this.#columnOf(column, batch, places, own)),
        },
      ];
    });
  }

  #columnOf(
    column: BuiltColumn,
    batch: ArrowBatch,
    places: readonly number[],
    entries: readonly Entry[],
  ): ArrowArray {
    if (!("place" in column))
      return arrayOf(
        column.field,
        entries.map(({ stored }) => stored[column.value]),
      );
    const [field, array] = [this.#fields[column.place], batch.columns[column.place]];
    if (field === undefined || array === undefined)
      throw new TypeError(`there is no column "${column.name}"`);
    return take(field, array, places);
  }
}

function storedOf(
  { name, toStored: store }: Extract<BuiltColumn, { readonly field: unknown }>,
  row: Row,
): unknown {
  try {
    return store(getCell(row, name));
  } catch (error) {
    throw new UnwritableCell(error, name, "Arrow");
  }
}
