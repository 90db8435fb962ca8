import type { Row } from "@parallel-parrot/core";
import type { Pipeline } from "../pipeline.ts";
import type { RunReport } from "../run-report.ts";

/** Rows that come one by one. */
export type RowStream<In> = Iterable<In> | AsyncIterable<In> | ReadableStream<In>;

/** The rows that an array of rows gives, and the report of their run. */
export interface Generated<R extends Row, Out extends Row> extends RunReport<R> {
  readonly rows: Out[];
}

/** The rows that a stream of rows gives, and the report of their run, which is final when `rows` has ended. */
export interface GeneratedStream<R extends Row, Out extends Row>
  extends RunReport<R>, Pick<Pipeline<R, R, Out>, "onUnwritable"> {
  readonly rows: ReadableStream<Out>;
}
