/**
 * How a run went: a list for each figure, all of one length, with a number for each moment. A figure that was not known
 * is -1.
 */
export interface RunCourse {
  /** Since it began. */
  readonly seconds: readonly number[];
  /** Rows that were done by then. */
  readonly done: readonly number[];
  /** Of these, rows that were asked: no answer of theirs was there already. */
  readonly asked: readonly number[];
  readonly failed: readonly number[];
  /** Requests in flight. */
  readonly inFlight: readonly number[];
  /** Of input and output. */
  readonly tokens: readonly number[];
  /** US dollars. */
  readonly cost: readonly number[];
  /** The part of the tightest rate limit that was taken, from 0 to 1. */
  readonly limitUse: readonly number[];
  /** The memory of its process. */
  readonly megabytes: readonly number[];
}
