import type { Row } from "@parallel-parrot/core";
import { ParrotError } from "@parallel-parrot/core";
import type { BatchDialect } from "@parallel-parrot/providers";
import { orAbort } from "../waiting/or-abort.ts";
import type { Signals } from "../waiting/signals.ts";
import type { DeskMode } from "./batch-desk.ts";
import type { BatchJobs } from "./batch-jobs.ts";
import type { ResolvedBatch } from "./batch-options.ts";
import { goesDirectly } from "./cut/goes-directly.ts";
import type { RowPasses } from "./row-passes.ts";

/** How often jobs are made anew for which the provider's queue had no room, in smaller ones each time. */
const MAX_REFUSALS = 20;

/** What {@linkcode BatchRounds} needs. */
export interface BatchRoundsOptions {
  readonly provider: { readonly name: string };
  readonly dialect: BatchDialect;
  readonly batch: ResolvedBatch;
  readonly signals: Signals;
  readonly jobs: BatchJobs;
  /** Whether it is too late to make jobs. */
  readonly isLate: () => boolean;
  /** Is told that the run is to end, as jobs are open and are not waited for. */
  readonly onOpen: (reason: Error) => void;
}

/** Makes jobs of what rows ask and waits for them, again and again for what was not answered. */
export class BatchRounds {
  readonly #options: BatchRoundsOptions;

  constructor(options: BatchRoundsOptions) {
    this.#options = options;
  }

  /** Gets ready for rows that come in. */
  begin(): void {
    const { jobs, batch, isLate } = this.#options;
    const mode: DeskMode = isLate() || batch.rounds === 0 ? "leave" : "collect";
    jobs.desk.begin(mode);
  }

  /** Makes jobs of what was gathered and waits for them, in as many rounds as there may be. */
  async answer<R extends Row>(passes: RowPasses<R>): Promise<void> {
    const { batch, jobs, signals } = this.#options;
    const { desk, board } = jobs;
    for (let rounds = 0, refusals = 0; rounds < batch.rounds && refusals < MAX_REFUSALS;) {
      const { harvested } = board.counts;
      if (this.#goesDirectly(desk.collected, passes.count)) desk.leavePending();
      else await desk.submitAll();
      if (desk.collected === desk.left && desk.inJobs === 0) return;
      if (!batch.wait) await this.#stopWhereOpen();
      await this.#unlessStopped(board.idle());
      // A job for which the queue had no room has run nothing: that is no round.
      if (board.counts.harvested > harvested) rounds += 1;
      else refusals += 1;
      signals.waiting.throwIfAborted();
      this.begin();
      if (rounds < batch.rounds) await passes.again();
    }
  }

  /** Gets ready for the last pass, in which what is in no job is asked directly. */
  end(): void {
    const { jobs, batch } = this.#options;
    jobs.desk.begin(batch.tail === "never" ? "refuse" : "wait");
  }

  #goesDirectly(requests: number, rows: number): boolean {
    const { batch, dialect } = this.#options;
    return goesDirectly(requests, { limits: dialect.limits, rows, tail: batch.tail });
  }

  /** Stops the run where jobs are open, once each was looked at. */
  async #stopWhereOpen(): Promise<void> {
    const { jobs, provider, onOpen } = this.#options;
    await this.#unlessStopped(jobs.board.looked());
    const { length } = jobs.board.jobs;
    if (length > 0) onOpen(jobsAreOpen(length, provider));
  }

  /** Waits, but no longer than the run goes on. */
  async #unlessStopped(waited: Promise<void>): Promise<void> {
    const { waiting } = this.#options.signals;
    waiting.throwIfAborted();
    await orAbort(waited, waiting);
  }
}

function jobsAreOpen(count: number, { name }: { readonly name: string }): ParrotError {
  const are = count === 1 ? "1 batch is" : `${count} batches are`;
  return new ParrotError("BATCH_OPEN", `${are} open at ${name}: run again to collect the results`);
}
