import type { BatchLimits } from "@parallel-parrot/providers";

/** How much a job has, or may have. */
export interface JobSize {
  readonly requests: number;
  readonly bytes: number;
  readonly inputTokens: number;
}

/** What bounds the jobs of a run besides the API. */
export interface JobSizeOptions {
  /** The most requests of one job. @default 20000 */
  readonly maxRequests?: number | undefined;
  /** The most bytes of one job. @default 100 MB */
  readonly maxBytes?: number | undefined;
  /** The most that may be queued at the API, as its limits count it. @default it is not known */
  readonly queueLimit?: number | undefined;
}

const USUAL_REQUESTS = 20_000;
const USUAL_BYTES = 100_000_000;
/** The part of the bytes of a job that are used: what is around the lines counts as well. */
const USED_BYTES = 0.95;
/** The part of a queue that is used: what a request counts for is an estimate. */
const USED_QUEUE = 0.9;

/** The most that one job may have. */
export function mostOfJob(limits: BatchLimits, options: JobSizeOptions): JobSize {
  const { maxRequests = USUAL_REQUESTS, maxBytes = USUAL_BYTES, queueLimit } = options;
  const ofQueue = (counted: BatchLimits["queue"]): number =>
    limits.queue === counted && queueLimit !== undefined
      ? Math.max(1, usableQueue(queueLimit))
      : Number.POSITIVE_INFINITY;
  return {
    requests: Math.min(maxRequests, limits.maxRequests ?? maxRequests, ofQueue("requests")),
    bytes: Math.min(maxBytes, limits.maxBytes * USED_BYTES),
    inputTokens: ofQueue("inputTokens"),
  };
}

/** As much of a queue as may be used. */
export function usableQueue(limit: number): number {
  return limit * USED_QUEUE;
}

/** What a job takes of the queue. */
export function queuedOf(
  counted: BatchLimits["queue"],
  { requests, inputTokens }: Pick<JobSize, "requests" | "inputTokens">,
): number {
  if (counted === "none") return 0;
  return counted === "requests" ? requests : inputTokens;
}

/** How many jobs something fills, by the bound that is reached first; mostly no whole number. */
export function jobsFilledBy({ requests, bytes, inputTokens }: JobSize, most: JobSize): number {
  return Math.max(requests / most.requests, bytes / most.bytes, inputTokens / most.inputTokens);
}
