/** How the requests of a run go through the batch API of its provider. */
export interface BatchOptions {
  /** How many hours a job may take, where the API lets one choose. @default what the API does by itself, mostly a day */
  readonly windowHours?: number;
  /**
   * Until when every row is answered, as a date or in milliseconds from the first row on: jobs that have not ended by
   * then are cancelled, and the rest is asked directly. @default jobs are waited for, however long they take
   */
  readonly deadline?: Date | number;
  /** The most requests of one job. @default 20000, or fewer where the API takes fewer */
  readonly maxRequests?: number;
  /** The most bytes of one job. @default 100 MB, or fewer where the API takes fewer */
  readonly maxBytes?: number;
  /** The most input tokens that all open jobs may queue. @default what refusals within a day have told, as the journal has them */
  readonly maxEnqueuedTokens?: number;
  /**
   * So many requests are asked directly in the place of another job; `"never"` makes jobs of any number, and asks no row
   * directly but the first one. @default 100, or 0.5 % of the rows where that is more
   */
  readonly tail?: number | "never";
  /**
   * How often jobs are made for what the jobs before have not answered; then the rest is asked directly. With 0 no job is
   * made, and those that are open are waited for. @default 2
   */
  readonly rounds?: number;
  /** Whether jobs are waited for. Otherwise the run stops with `BATCH_OPEN` once they are made. @default true */
  readonly wait?: boolean;
  /** Whether the files of a job stay at the provider when its results are in the journal. @default false */
  readonly keepRemote?: boolean;
  /** What a batch costs as a part of the direct price, such as 0.5. @default the provider's, where it is known, else 1 */
  readonly priceFactor?: number;
}

/** {@linkcode BatchOptions} with the defaults filled in. */
export type ResolvedBatch = BatchOptions & Required<Pick<BatchOptions, "rounds" | "wait" | "keepRemote">>;

export function resolveBatch(batch: true | BatchOptions): ResolvedBatch {
  return { rounds: 2, wait: true, keepRemote: false, ...(batch === true ? {} : batch) };
}
