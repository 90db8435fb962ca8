/** How batches behave. All times are in milliseconds by the clock of the batches. */
export interface BatchOptions {
  /** How long a job is checked before it runs. @default 0 */
  readonly validateMs?: number;
  /** How long a job runs. @default 0 */
  readonly runMs?: number;
  /** How long a job runs for each of its requests, in the place of `runMs`. @default 0 */
  readonly msPerRequest?: number;
  /** How long results are written after the last answer. @default 0 */
  readonly finalizeMs?: number;
  /** How long a cancellation takes. @default 0 */
  readonly cancelMs?: number;
  /** When a job expires that has not ended, counted from its creation. @default its window, else a day */
  readonly expiresAfterMs?: number;
  /** The part of its requests that an expired job has answered. @default as many as it had time for */
  readonly doneAtExpiry?: number;
  /** The order of results. @default "shuffled" */
  readonly order?: "shuffled" | "reversed" | "input";
  /** The most requests of a job. @default 50,000 */
  readonly maxRequests?: number;
  /** The largest file, or body with requests. @default 200 MB */
  readonly maxBytes?: number;
  /** The most uploaded files. @default any number */
  readonly maxFiles?: number;
  /** The most input tokens of all jobs that have not ended. @default any number */
  readonly enqueuedTokens?: number;
  /** The most requests of all jobs that have not ended. @default any number */
  readonly queuedRequests?: number;
  /** The most jobs that can be made in an hour. @default any number */
  readonly createsPerHour?: number;
  /** How long results are there after the end of a job. @default for ever */
  readonly retentionMs?: number;
  /** How long a new job is missing in lists. @default 0 */
  readonly listLagMs?: number;
  /** How long a job that has ended does not name its results yet. @default 0 */
  readonly outputLagMs?: number;
  /**
   * How many requests of jobs the account can pay for. Those that come after have an error for want of credit, and no
   * further job is made. @default any number
   */
  readonly credit?: number;
  /**
   * Other keys that are right, each of a project of its own: the jobs and files of one project are not there for the
   * keys of another. @default none
   */
  readonly otherKeys?: readonly string[];
  /** What goes wrong with each job in turn, the first one first. @default nothing */
  readonly faults?: readonly (BatchFault | readonly BatchFault[] | undefined)[];
}

/** What goes wrong with a job, as plain data. Rates are parts of its requests. */
export type BatchFault =
  /** Requests that are in no result. */
  | { readonly kind: "missingLines"; readonly rate: number }
  /** Requests whose result comes twice. */
  | { readonly kind: "repeatedLines"; readonly rate: number }
  /** Results with status 0 and without words. */
  | { readonly kind: "statusZero"; readonly rate: number }
  /** Results with an error of the API, such as 429 or 500. */
  | { readonly kind: "lineError"; readonly rate: number; readonly status: number }
  /** All results say that the account has no credit. */
  | { readonly kind: "noCreditLines" }
  /** The counts say that all requests succeeded. */
  | { readonly kind: "countsLie" }
  /** All requests fail, and the job names no results. */
  | { readonly kind: "allFailedNoOutput" }
  /** The job stays in this state until it is cancelled. */
  | { readonly kind: "stuckIn"; readonly state: "validating" | "running" | "finalizing" }
  /** While the job runs, a word is told that no API has. @default word "paused" */
  | { readonly kind: "unknownState"; readonly word?: string }
  /** The job goes on answering until its cancellation is through. */
  | { readonly kind: "lateAfterCancel" }
  /** The input file cannot be found when the job is checked. */
  | { readonly kind: "fileGone" }
  /** The check of the job refuses one of its lines, counted from 1. There may be several of these. */
  | { readonly kind: "invalidLine"; readonly line: number }
  /** The address of the results is that of another server. */
  | { readonly kind: "crossOriginResultsUrl"; readonly url: string };

/** {@linkcode BatchOptions} with their defaults. */
export type BatchSettings = Required<
  Omit<BatchOptions, "expiresAfterMs" | "doneAtExpiry" | "msPerRequest" | "runMs" | "faults">
> &
  Pick<BatchOptions, "expiresAfterMs" | "doneAtExpiry"> & {
    /** How long a job of so many requests runs. */
    readonly runMsOf: (requests: number) => number;
    readonly faultsOf: (job: number) => readonly BatchFault[];
  };

/** @throws RangeError if a number is out of its range */
export function readBatchOptions(options: BatchOptions): BatchSettings {
  for (const [name, value] of Object.entries(options))
    if (typeof value === "number" && !(value >= 0))
      throw new RangeError(`Cannot start the simulator: batch.${name} must be at least 0, got ${value}`);
  const { runMs = 0, msPerRequest, faults = [], expiresAfterMs, doneAtExpiry } = options;
  return {
    validateMs: options.validateMs ?? 0,
    finalizeMs: options.finalizeMs ?? 0,
    cancelMs: options.cancelMs ?? 0,
    order: options.order ?? "shuffled",
    maxRequests: options.maxRequests ?? 50_000,
    maxBytes: options.maxBytes ?? 200_000_000,
    maxFiles: options.maxFiles ?? Infinity,
    enqueuedTokens: options.enqueuedTokens ?? Infinity,
    queuedRequests: options.queuedRequests ?? Infinity,
    createsPerHour: options.createsPerHour ?? Infinity,
    retentionMs: options.retentionMs ?? Infinity,
    listLagMs: options.listLagMs ?? 0,
    outputLagMs: options.outputLagMs ?? 0,
    credit: options.credit ?? Infinity,
    otherKeys: options.otherKeys ?? [],
    ...(expiresAfterMs === undefined ? {} : { expiresAfterMs }),
    ...(doneAtExpiry === undefined ? {} : { doneAtExpiry }),
    runMsOf: (requests) => (msPerRequest === undefined ? runMs : msPerRequest * requests),
    faultsOf: (job) => [faults[job - 1] ?? []].flat(),
  };
}
