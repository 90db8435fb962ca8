import type { Row } from "@parallel-parrot/core";
import type { ArrowRecordBatch, ArrowTable } from "@parallel-parrot/formats";
import type { RunReport } from "../run-report.ts";

/** The table that a table gives, of the same kind, and the report of its run. */
export interface GeneratedFrame<Frame, Added extends Row> extends RunReport {
  readonly rows: Frame extends ArrowTable ? Frame & WithColumns<Added> : Uint8Array;
}

/** The record batches that record batches give, and the report of their run, which is final when `rows` has ended. */
export interface GeneratedBatches<Batch extends ArrowRecordBatch, Added extends Row> extends RunReport {
  readonly rows: ReadableStream<Batch & WithColumns<Added>>;
}

/** A table, or the bytes of one. What may be anything is none. */
export type KnownFrame<Frame> = 0 extends 1 & Frame ? never : Frame;

/** Record batches that come one by one. What may be anything is a stream of rows. */
export type BatchStream<Batch> = 0 extends 1 & Batch
  ? never
  : Iterable<Batch> | AsyncIterable<Batch> | ReadableStream<Batch>;

/** A table or record batch with columns that were added to it. */
export interface WithColumns<Added extends Row> {
  getChild<Column extends keyof Added & string>(name: Column): ArrowColumn<ArrowValue<Added[Column]>> | null;
}

/** A column of a table, as far as its shape is known here. */
export interface ArrowColumn<Value> extends Iterable<Value | null> {
  readonly length: number;
  get(index: number): Value | null;
}

/** What a cell is in a table: an integer of 64 bits is a bigint, and lists and objects are what the library has for them. */
type ArrowValue<Cell> = Cell extends null
  ? never
  : Cell extends string | boolean
    ? Cell
    : Cell extends number
      ? number | bigint
      : unknown;
