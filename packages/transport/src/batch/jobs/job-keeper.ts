import { asError } from "@parallel-parrot/core";
import type { JobEnd } from "@parallel-parrot/journal";
import type { BatchJob, BatchRefusal, BatchRefusedLine, Rejection } from "@parallel-parrot/providers";
import { RejectionError } from "../../errors/rejection-error.ts";
import { stopReasonOf } from "../../errors/stop-reason.ts";
import { isThrottled, isTransient } from "../../errors/verdict.ts";
import type { Turns } from "../../waiting/turns.ts";
import { cleanUp, type CleanUpOptions } from "./clean-up.ts";
import { harvestWords } from "./harvest-words.ts";
import { LEFT_THERE } from "./left-there.ts";
import type { Harvest, Harvester, HarvesterOptions } from "./harvester.ts";
import type { JobCounts } from "./job-counts.ts";
import type { JobMaker } from "./job-maker.ts";
import type { JobQueue } from "./job-queue.ts";
import { JobWatcher, type JobWatcherOptions } from "./job-watcher.ts";
import type { OpenJob } from "./open-job.ts";
import { refusedAll, refusedMost } from "./refused-batch.ts";
import type { RefusedLines } from "./refused-lines.ts";
import { refusedLinesWords, requestsOfLines } from "./requests-of-lines.ts";
import { UnwantedJob, type Unwanted } from "./unwanted.ts";

/** What a {@linkcode JobKeeper} needs. */
export interface JobKeeperOptions extends CleanUpOptions, Omit<JobWatcherOptions, "provider"> {
  readonly provider: HarvesterOptions["provider"];
  readonly maker: JobMaker;
  readonly harvester: Harvester;
  /** Makes one job of the run at a time, and reads the results of one at a time. */
  readonly making: Turns;
  readonly harvesting: Turns;
  readonly queue: JobQueue;
  readonly unwanted: Unwanted;
  readonly counts: JobCounts;
  readonly refusedLines: RefusedLines;
  /** Is told in whole sentences what a person should know. */
  readonly tell: (words: string) => void;
  /** Is told why nothing more is to be asked. */
  readonly onFailure: (reason: Error) => void;
}

/** Looks after one job until its results are in the journal, or the run is stopping. */
export class JobKeeper {
  readonly job: OpenJob;
  readonly #options: JobKeeperOptions;
  #watcher: JobWatcher | undefined;
  #wasUploadedAgain = false;

  constructor(job: OpenJob, options: JobKeeperOptions) {
    this.job = job;
    this.#options = options;
  }

  /** Looks after it from the time on when it is made. What goes wrong is told to `onFailure`. */
  async keep(made: Promise<void>): Promise<void> {
    const { queue, making, unwanted } = this.#options;
    try {
      await made;
      for (let waits = 0; !this.job.isClosed; waits++) {
        const watcher = new JobWatcher(this.job, this.#options);
        this.#watcher = watcher;
        if (unwanted.isSo) await watcher.cancel();
        const view = await watcher.ended();
        queue.leave(this.job);
        if (view.refused === undefined) await this.#collect(view, watcher);
        else if (await this.#mayComeAgain(view.refused)) {
          if (this.job.heldBackBy === "queue") await queue.waitAgain(waits);
          await making.next(() => this.make());
        }
      }
    } catch (error) {
      await this.#gaveUp(error);
    } finally {
      this.#watcher = undefined;
      this.job.dropLines();
    }
  }

  /** Makes it, where it is still wanted. */
  async make(): Promise<void> {
    const { unwanted, maker } = this.#options;
    unwanted.throwIfSo();
    await maker.make(this.job);
  }

  /** Goes on with one that an earlier process has planned. */
  async bringOn(): Promise<void> {
    const { queue, maker } = this.#options;
    const { state } = this.job.stored;
    if (state === "open" || state === "cancelling" || state === "ended") queue.enter(this.job);
    else if (!(await maker.bringOn(this.job))) await this.#close("abandoned");
  }

  /** Asks it to end early, where it is made. */
  async cancel(): Promise<void> {
    await this.#watcher?.cancel();
  }

  /** Reads the results into the journal, as often as it takes. */
  async #collect(view: BatchJob, watcher: JobWatcher): Promise<void> {
    const { harvesting, harvester } = this.#options;
    for (;;) {
      try {
        const harvest = await harvesting.next(() => harvester.harvest(this.job, view));
        if (harvest.kept === 0 && harvest.foreign > 0) await this.#letGo(view);
        else await this.#harvested(view, harvest);
        return;
      } catch (error) {
        if (!isTransient(error) && !isThrottled(error)) throw error;
        await watcher.wait();
      }
    }
  }

  /**
   * A job that was found by its number of requests is another one's: nothing of it is used. Its own is looked for once
   * more, and its requests are free where there is none.
   */
  async #letGo({ id }: BatchJob): Promise<void> {
    const { log, tell, maker } = this.#options;
    tell(`The batch ${id} has the results of other requests, and is not one of this journal.`);
    await log.change(this.job, { state: "creating", known: [...(this.job.stored.known ?? []), id] });
    if (!(await maker.bringOn(this.job))) await this.#close("abandoned");
  }

  async #harvested(view: BatchJob, harvest: Harvest): Promise<void> {
    const { counts, tell } = this.#options;
    counts.harvested += 1;
    counts.answered += harvest.kept;
    counts.lost += Math.max(0, this.job.stored.requests - harvest.kept);
    this.job.reservation.settle(harvest.spent);
    for (const words of harvestWords(view, harvest)) tell(words);
    const failure = this.#failureOf(harvest);
    await this.#close("harvested", { failure });
  }

  /** Why nothing more is to be asked, after what the results of the job say. */
  #failureOf(harvest: Harvest): Error | undefined {
    const { provider } = this.#options;
    if (harvest.stop !== undefined) return stopReasonOf(new RejectionError(harvest.stop), provider);
    return harvest.withheld.length > 0 ? refusedMost(provider, this.job, harvest) : undefined;
  }

  /** Whether a job that was refused as a whole is made once more, as it is. Throws where no other would be taken. */
  async #mayComeAgain({ rejection, queueLimit, lines = [] }: BatchRefusal): Promise<boolean> {
    const { log, queue } = this.#options;
    if (rejection.verdict === "fail" && lines.length > 0) return this.#leaveOut(lines, rejection);
    if (rejection.verdict === "fail") return this.#uploadAgain(rejection);
    if (rejection.verdict !== "wait") throw new RejectionError(rejection);
    if (!queue.refused(this.job, queueLimit) || this.job.stored.file === undefined) {
      await this.#close("refused", { error: rejection.message });
      return false;
    }
    this.job.heldBackBy = "queue";
    await log.change(this.job, { state: "uploaded", error: rejection.message });
    return true;
  }

  /** Lines are refused: their requests are kept out of jobs from now on, and all others are put into another one. */
  async #leaveOut(lines: readonly BatchRefusedLine[], rejection: Rejection): Promise<false> {
    const { log, refusedLines, tell } = this.#options;
    const { remote = "", requests } = this.job.stored;
    if (!refusedLines.mayBeMore(lines.length, requests)) throw new RejectionError(rejection);
    const found = requestsOfLines(this.job, lines, log);
    refusedLines.add(found.map((each) => [each.key, each.rejection]));
    tell(refusedLinesWords(remote, lines, found));
    await this.#close("refused", { error: rejection.message });
    return false;
  }

  /** Refused for another reason than a line: its file may be gone, so that it is uploaded once more. */
  async #uploadAgain(rejection: Rejection): Promise<boolean> {
    const { log, refusedLines, dialect } = this.#options;
    if (dialect.upload === undefined || this.#wasUploadedAgain) throw new RejectionError(rejection);
    this.#wasUploadedAgain = true;
    if (this.job.lines === undefined) {
      if (!refusedLines.mayBeMore(0, this.job.stored.requests)) throw new RejectionError(rejection);
      refusedLines.add([]);
      await this.#close("refused", { error: rejection.message });
      return false;
    }
    await log.change(this.job, { state: "planned", error: rejection.message });
    const { stored, view, hasStray } = this.job;
    if (view !== undefined && !this.#options.keepRemote)
      await cleanUp({ stored, view, hasStray }, this.#options);
    return true;
  }

  async #gaveUp(error: unknown): Promise<void> {
    const { provider, signals, queue, onFailure } = this.#options;
    queue.leave(this.job);
    try {
      if (error instanceof UnwantedJob) {
        await this.#close("abandoned");
        return;
      }
      // It stays in the journal as it is, and is gone on with by the next run.
      if (signals.waiting.aborted) return;
      if (error instanceof RejectionError) {
        const failure = stopReasonOf(error, provider) ?? refusedAll(provider, error);
        await this.#close("refused", { error: error.message, failure });
      } else onFailure(stopReasonOf(error, provider) ?? asError(error));
    } catch (cause) {
      onFailure(stopReasonOf(cause, provider) ?? asError(cause));
    }
  }

  /**
   * Frees its requests, and deletes what it has left at the provider.
   *
   * @param failure why nothing more is to be asked: whoever waits for the job hears of it, and what is there stays
   */
  async #close(
    end: JobEnd,
    { error, failure }: { readonly error?: string; readonly failure?: Error | undefined } = {},
  ): Promise<void> {
    const { log, queue, counts, keepRemote, dialect, onFailure } = this.#options;
    const { file, remote } = this.job.stored;
    const hasStray = this.job.hasStray && dialect.files !== undefined;
    const mayBeThere = file !== undefined || remote !== undefined || hasStray;
    const hasLeft = !keepRemote && failure === undefined && mayBeThere;
    queue.leave(this.job);
    await log.close(this.job, end, {
      ...(error === undefined ? {} : { error }),
      ...(hasLeft ? LEFT_THERE : {}),
    });
    if (failure !== undefined) onFailure(failure);
    counts.closed += 1;
    this.job.close();
    this.job.reservation.refund();
    if (hasLeft) await this.#cleanUp();
  }

  async #cleanUp(): Promise<void> {
    const { log } = this.#options;
    const { stored, hasStray } = this.job;
    const { remote: id = "" } = stored;
    const { view = { id, phase: "ended", state: "", outputs: [] } } = this.job;
    if (await cleanUp({ stored, view, hasStray }, this.#options)) await log.cleanedUp(this.job);
  }
}
