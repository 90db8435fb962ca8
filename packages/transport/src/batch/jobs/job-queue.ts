import type { Clock } from "@parallel-parrot/limiter";
import { orAbort } from "../../waiting/or-abort.ts";
import type { Signals } from "../../waiting/signals.ts";
import { sleep } from "../../waiting/sleep.ts";
import type { OpenJob } from "./open-job.ts";
import type { QueueRoom } from "./queue-room.ts";
import type { Unwanted } from "./unwanted.ts";

/** How long a job waits that was refused, as the queue is full, unless another one ends. */
const FIRST_WAIT_MS = 60_000;
const MAX_WAIT_MS = 900_000;

/** What a {@linkcode JobQueue} needs. */
export interface JobQueueOptions {
  readonly room: QueueRoom;
  readonly clock: Clock;
  readonly signals: Signals;
  readonly unwanted: Unwanted;
}

/** The jobs of a run that are queued at the provider, and those that wait until there is room for them. */
export class JobQueue {
  readonly #options: JobQueueOptions;
  /** Resolves when a job has left the queue, or is made. */
  #change = Promise.withResolvers<void>();

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /** Has a job enter as soon as it fits, as far as the limit is known. */
  async enterInTurn(job: OpenJob): Promise<void> {
    const { room, unwanted } = this.#options;
    while (!job.isQueued && !room.fits(job.stored)) {
      job.heldBackBy = "queue";
      await this.changed();
      unwanted.throwIfSo();
    }
    job.heldBackBy = undefined;
    this.enter(job);
  }

  /** Counts a job that is queued already. */
  enter(job: OpenJob): void {
    if (!job.isQueued) this.#options.room.enter(job.stored);
    job.isQueued = true;
  }

  leave(job: OpenJob): void {
    if (job.isQueued) this.#options.room.leave(job.stored);
    job.isQueued = false;
    this.tellChange();
  }

  /**
   * The provider has refused a job, as the queue is full. Returns whether it may fit later, as it is.
   *
   * @param told the limit as the refusal names it
   */
  refused(job: OpenJob, told: number | undefined): boolean {
    return this.#options.room.refused(job.stored, told);
  }

  /**
   * Waits until a job that was refused may be made once more.
   *
   * @param waits how often it has waited before
   */
  async waitAgain(waits: number): Promise<void> {
    const { clock, signals, unwanted } = this.#options;
    const ms = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** waits);
    const wait = new AbortController();
    await Promise.race([
      this.changed(),
      sleep(clock, ms, AbortSignal.any([signals.waiting, unwanted.signal, wait.signal])),
    ]).finally(() => wait.abort());
  }

  /** Waits until a job has left the queue, or is made. */
  async changed(): Promise<void> {
    const { waiting } = this.#options.signals;
    waiting.throwIfAborted();
    await orAbort(this.#change.promise, waiting);
  }

  tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
