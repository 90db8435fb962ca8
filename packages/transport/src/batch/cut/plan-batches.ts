import type { BatchLimits } from "@parallel-parrot/providers";
import type { BatchOptions } from "../batch-options.ts";
import { goesDirectly } from "./goes-directly.ts";
import { jobsFilledBy, mostOfJob, queuedOf, usableQueue, type JobSize } from "./job-size.ts";

/** What a run would ask through batches. */
export interface BatchWork extends JobSize {
  /** All rows of the run. */
  readonly rows: number;
}

/** Options of {@linkcode planBatches}. */
export interface BatchPlanOptions extends Pick<BatchOptions, "maxRequests" | "maxBytes" | "tail"> {
  /** The most that may be queued at the API, as its limits count it. @default it is not known, and holds all jobs */
  readonly queueLimit?: number;
}

/** How a run would cut its requests into jobs. */
export interface BatchPlan {
  /** 0 where there are so few requests that all are asked directly. */
  readonly jobs: number;
  /** How many of them the queue of the API holds at once. */
  readonly atOnce: number;
}

/** How many jobs a run makes of its requests, if these are of one size, and how many of them are queued at once. */
export function planBatches(limits: BatchLimits, work: BatchWork, options: BatchPlanOptions = {}): BatchPlan {
  const { tail, queueLimit } = options;
  if (work.requests === 0 || goesDirectly(work.requests, { limits, rows: work.rows, tail }))
    return { jobs: 0, atOnce: 0 };
  const jobs = Math.ceil(jobsFilledBy(work, mostOfJob(limits, options)));
  const queued = queuedOf(limits.queue, work) / jobs;
  if (queueLimit === undefined || queued === 0) return { jobs, atOnce: jobs };
  return { jobs, atOnce: Math.min(jobs, Math.max(1, Math.floor(usableQueue(queueLimit) / queued))) };
}
