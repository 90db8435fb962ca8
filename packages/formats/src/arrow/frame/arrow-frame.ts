import type { Row } from "@parallel-parrot/core";
import type { ColumnType } from "../../columns/column-type.ts";
import { SourceNotes } from "../../source/source-notes.ts";
import type { ArrowBatch } from "../ipc/arrow-array.ts";
import type { ArrowField } from "../ipc/arrow-field.ts";
import { BatchRows } from "../read/batch-rows.ts";

/** A column of a frame that is made of another: one of that, or one of cells that are added. */
export type FrameColumn =
  | { readonly name: string; readonly from: string }
  | { readonly name: string; readonly type: ColumnType };

/** A table of Arrow in memory, of some kind, to which columns can be added. */
export interface ArrowFrame {
  /** The columns in order. */
  readonly columns: readonly string[];
  /** How many rows each record batch has. */
  readonly batches: readonly number[];
  /** The rows of a record batch, made one by one. */
  rowsOf(batch: number): Generator<Row>;
  /** Begins a frame of the same kind. */
  build(columns: readonly FrameColumn[]): FrameBuilder;
}

/** Makes a frame of rows of another and of cells that are added to them. */
export interface FrameBuilder {
  /** Adds the row that was made of a row of the other frame. Throws where a cell does not fit its type. */
  add(index: number, row: Row): void;
  /** The frame, in the order of the rows that it was made of. */
  finish(): Promise<unknown>;
}

/** The rows of a record batch. */
export function* rowsOf(fields: readonly ArrowField[], batch: ArrowBatch): Generator<Row> {
  const rows = new BatchRows(fields, batch, { longNumbers: "bigint", notes: new SourceNotes() });
  for (let place = 0; place < rows.length; place += 1) yield rows.at(place);
}
