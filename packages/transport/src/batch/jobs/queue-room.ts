import type { BatchLimits } from "@parallel-parrot/providers";

/** The part of a limit that is used: what a request counts for is an estimate. */
const USED = 0.9;

/** What a job takes of the queue. */
export interface Queued {
  readonly requests: number;
  readonly inputTokens: number;
}

/** How much may be queued at the provider, as far as that is known. */
export class QueueRoom {
  readonly #counts: BatchLimits["queue"];
  #limit: number;
  #queued = 0;

  /** @param limit where the user knows it */
  constructor(counts: BatchLimits["queue"], limit: number = Number.POSITIVE_INFINITY) {
    this.#counts = counts;
    this.#limit = limit;
  }

  /** The most that all jobs together may count for. */
  get limit(): number {
    return this.#limit * USED;
  }

  sizeOf({ requests, inputTokens }: Queued): number {
    return this.#counts === "requests" ? requests : this.#counts === "inputTokens" ? inputTokens : 0;
  }

  /** Whether a job fits beside those that are queued; one alone is always tried. */
  fits(job: Queued): boolean {
    return this.#queued === 0 || this.#queued + this.sizeOf(job) <= this.limit;
  }

  enter(job: Queued): void {
    this.#queued += this.sizeOf(job);
  }

  leave(job: Queued): void {
    this.#queued -= this.sizeOf(job);
  }

  /**
   * A job was refused, as the queue is full. Returns whether it may fit later: a job that was refused while it was alone
   * has to be made smaller.
   *
   * @param told the limit as the refusal names it
   */
  refused(job: Queued, told: number | undefined): boolean {
    const size = this.sizeOf(job);
    if (told !== undefined) this.#limit = Math.min(this.#limit, told);
    else if (this.#queued === 0) this.#limit = Math.min(this.#limit, size / USED / 2);
    return size <= this.limit;
  }
}
