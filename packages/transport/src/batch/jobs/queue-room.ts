import type { BatchLimits } from "@parallel-parrot/providers";
import { queuedOf, usableQueue, type JobSize } from "../cut/job-size.ts";

/** What a job takes of the queue. */
type Queued = Pick<JobSize, "requests" | "inputTokens">;

/** How much may be queued at the provider, as far as that is known. */
export class QueueRoom {
  readonly #counts: BatchLimits["queue"];
  #limit: number;
  #queued = 0;

  /** @param limit where the user knows it, or a refusal has told it */
  constructor(counts: BatchLimits["queue"], limit: number = Number.POSITIVE_INFINITY) {
    this.#counts = counts;
    this.#limit = limit;
  }

  /** The most that all jobs together may count for. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether a job fits beside those that are queued; one alone is always tried. */
  fits(job: Queued): boolean {
    return this.#queued === 0 || this.#queued + queuedOf(this.#counts, job) <= usableQueue(this.#limit);
  }

  enter(job: Queued): void {
    this.#queued += queuedOf(this.#counts, job);
  }

  leave(job: Queued): void {
    this.#queued -= queuedOf(this.#counts, job);
  }

  /**
   * A job was refused, as the queue is full. Returns whether it may fit later: a job that was refused while it was alone
   * has to be made smaller.
   *
   * @param told the limit as the refusal names it
   */
  refused(job: Queued, told: number | undefined): boolean {
    const size = queuedOf(this.#counts, job);
    if (told !== undefined) this.#limit = Math.min(this.#limit, told);
    else if (this.#queued === 0) this.#limit = Math.min(this.#limit, size / usableQueue(1) / 2);
    return size <= usableQueue(this.#limit);
  }
}
