import { randomUUID } from "node:crypto";
import { asError, counted } from "@parallel-parrot/core";
import type { JobEnd, StoredJob } from "@parallel-parrot/journal";
import type { BatchJob, BatchRefusal } from "@parallel-parrot/providers";
import type { Spending } from "../../budget/amounts.ts";
import { FREE_RESERVATION, type Budget, type Reservation } from "../../budget/budget.ts";
import { withJournal } from "../../errors/journal-fault.ts";
import { RejectionError } from "../../errors/rejection-error.ts";
import { stopReasonOf } from "../../errors/stop-reason.ts";
import { isThrottled, isTransient } from "../../errors/verdict.ts";
import { orAbort } from "../../waiting/or-abort.ts";
import { sleep } from "../../waiting/sleep.ts";
import { Turns } from "../../waiting/turns.ts";
import { cleanUp } from "./clean-up.ts";
import { closeCollected } from "./close-collected.ts";
import { Harvester, type Harvest, type HarvesterOptions } from "./harvester.ts";
import { worstOf, type CutJob } from "./job-cutter.ts";
import { JobMaker, type JobMakerOptions } from "./job-maker.ts";
import { JobWatcher, type JobWatcherOptions } from "./job-watcher.ts";
import { OpenJob } from "./open-job.ts";
import type { QueueRoom } from "./queue-room.ts";
import { refusedAll, refusedMost } from "./refused-batch.ts";

/** Jobs that may be planned and not made yet: their lines are on the disk. */
const MAX_UNMADE = 2;
/** How long a job waits that was refused, as the queue is full, unless another one ends. */
const FIRST_QUEUE_WAIT_MS = 60_000;
const MAX_QUEUE_WAIT_MS = 900_000;

/** What a {@linkcode JobBoard} needs. */
export interface JobBoardOptions
  extends
    Omit<JobMakerOptions, "room" | "unwanted" | "signal">,
    Omit<JobWatcherOptions, "provider">,
    Omit<HarvesterOptions, "signal"> {
  readonly queue: QueueRoom;
  readonly budget: Budget | undefined;
  readonly keepRemote: boolean;
  readonly priceFactor: number | undefined;
  /** Is told why nothing more is to be asked. */
  readonly onFailure: (reason: Error) => void;
}

/** The part by which the tokens of a job and those of its results may differ without a word. */
const MAX_USAGE_DIFFERENCE = 0.01;

/** The jobs that any run of this process looks after, by their names: no two runs look after one. */
const LOOKED_AFTER = new Map<string, Promise<void>>();

/** How many requests went into jobs, and what became of them. */
export interface JobCounts {
  submitted: number;
  answered: number;
  /** Requests that came back without an answer and can be asked again. */
  lost: number;
}

/** Looks after all jobs of a run at the same time, from the intent to make them until they are in the journal. */
export class JobBoard {
  readonly counts: JobCounts = { submitted: 0, answered: 0, lost: 0 };
  /** Jobs that are over: their results are in the journal, or they were refused or given up. */
  closed = 0;
  /** Of those, the jobs whose results are in the journal. */
  harvested = 0;
  readonly #options: JobBoardOptions;
  readonly #jobs = new Map<number, OpenJob>();
  readonly #watchers = new Map<OpenJob, JobWatcher>();
  readonly #adoptions = new Map<number, Promise<void>>();
  readonly #maker: JobMaker;
  readonly #harvester: Harvester;
  readonly #unwanted = new AbortController();
  /** Makes one job at a time, and reads the results of one at a time. */
  readonly #making = new Turns();
  readonly #harvesting = new Turns();
  #unmade = 0;
  /** Resolves when a job has left the queue of the provider, or is made. */
  #change = Promise.withResolvers<void>();

  constructor(options: JobBoardOptions) {
    this.#options = options;
    this.#maker = new JobMaker({
      ...options,
      unwanted: this.#unwanted.signal,
      room: (job) => this.#room(job),
    });
    this.#harvester = new Harvester({ ...options, signal: options.signals.all });
  }

  /** The jobs that are not closed, oldest first. */
  get jobs(): readonly OpenJob[] {
    return [...this.#jobs.values()];
  }

  /** The numbers of requests of all open jobs of the journal. */
  get sizes(): ReadonlySet<number> {
    const open = withJournal(() => this.#options.log.batches.jobs({ open: true }));
    return new Set(open.map(({ requests }) => requests));
  }

  has(id: number): boolean {
    return this.#jobs.has(id);
  }

  /** Resolves when the requests of a job are in no job any more. */
  async closing(id: number): Promise<void> {
    await this.#jobs.get(id)?.closed;
  }

  /** Plans a job, makes it in its turn and looks after it. Waits while many are not made yet. */
  async submit(cut: CutJob): Promise<void> {
    const { provider, log, priceFactor } = this.#options;
    const reserved = worstOf(cut);
    const reservation = await this.#reserve(reserved);
    const { requests, bytes, inputTokens } = cut;
    const stored = await withJournal(() =>
      log.batches.plan({
        provider: provider.name,
        url: provider.baseUrl,
        model: provider.model,
        name: randomUUID(),
        bytes,
        inputTokens,
        requests,
        ...(reserved === undefined ? {} : { reserved: { tokens: reserved.tokens, cost: reserved.cost } }),
        ...(priceFactor === undefined ? {} : { priceFactor }),
      }),
    );
    this.counts.submitted += requests.length;
    this.#follow(new OpenJob(stored, reservation, cut.lines), (job) => this.#make(job));
    while (this.#unmade >= MAX_UNMADE) await this.#changed();
  }

  /** Closes what earlier processes have collected and not closed. */
  async closeCollected(): Promise<void> {
    await closeCollected(this.#options);
  }

  /** Looks after a job that an earlier process has planned. Resolves when it is known whether there is one. */
  adopt(id: number): Promise<void> {
    let adoption = this.#adoptions.get(id);
    if (adoption === undefined) {
      adoption = this.#adopt(id);
      this.#adoptions.set(id, adoption);
    }
    return adoption;
  }

  /** Resolves when no job is open. */
  async idle(): Promise<void> {
    await Promise.all(this.jobs.map(({ closed }) => closed));
  }

  /** Resolves when each job was looked at once since it was made, or is closed. */
  async looked(): Promise<void> {
    await Promise.all(this.jobs.map(({ looked }) => looked));
  }

  /** Makes no more jobs, and asks those that are made to end early. */
  async cancelAll(): Promise<void> {
    this.#unwanted.abort(new Unwanted());
    await Promise.all(Array.from(this.#watchers.values(), async (watcher) => watcher.cancel()));
  }

  /** Resolves when nothing is being made or read any more, once the run is stopping. */
  async halt(): Promise<void> {
    await Promise.all([this.#making.idle(), this.#harvesting.idle()]);
  }

  async #adopt(id: number): Promise<void> {
    const { log } = this.#options;
    const found = (): StoredJob | undefined =>
      withJournal(() => log.batches.jobs({ open: true })).find((job) => job.id === id);
    await LOOKED_AFTER.get(found()?.name ?? "");
    const stored = found();
    if (stored === undefined) return;
    const job = new OpenJob(stored, this.#reserveAgain(stored));
    this.counts.submitted += stored.requests;
    const { promise: known, resolve } = Promise.withResolvers<void>();
    this.#follow(
      job,
      async () => {
        const { state } = stored;
        const isMade = state === "open" || state === "cancelling" || state === "ended";
        if (isMade) this.#enter(job);
        else if (!(await this.#maker.bringOn(job))) await this.#close(job, "abandoned");
        resolve();
      },
      resolve,
    );
    await known;
  }

  /** @param onOver called when it is over, however that comes */
  #follow(job: OpenJob, make: (job: OpenJob) => Promise<void>, onOver?: () => void): void {
    this.#jobs.set(job.id, job);
    this.#unmade += 1;
    const made = this.#making.next(async () => {
      try {
        await make(job);
      } finally {
        this.#unmade -= 1;
        this.#tellChange();
      }
    });
    const { name } = job.stored;
    const over = this.#lookAfter(job, made).finally(() => {
      LOOKED_AFTER.delete(name);
      onOver?.();
    });
    LOOKED_AFTER.set(name, over);
  }

  async #lookAfter(job: OpenJob, made: Promise<void>): Promise<void> {
    try {
      await made;
      for (let waits = 0; !job.isClosed; waits++) {
        const watcher = new JobWatcher(job, this.#options);
        this.#watchers.set(job, watcher);
        if (this.#unwanted.signal.aborted) await watcher.cancel();
        const view = await watcher.ended();
        this.#leave(job);
        if (view.refused === undefined) await this.#collect(job, view, watcher);
        else if (await this.#mayComeAgain(job, view.refused)) {
          await this.#waitForQueue(waits);
          await this.#making.next(() => this.#make(job));
        }
      }
    } catch (error) {
      await this.#gaveUp(job, error);
    } finally {
      this.#watchers.delete(job);
      job.dropLines();
    }
  }

  async #make(job: OpenJob): Promise<void> {
    if (this.#unwanted.signal.aborted) throw new Unwanted();
    await this.#maker.make(job);
  }

  /** Reads the results into the journal, as often as it takes. */
  async #collect(job: OpenJob, view: BatchJob, watcher: JobWatcher): Promise<void> {
    for (;;) {
      try {
        const harvest = await this.#harvesting.next(() => this.#harvester.harvest(job, view));
        if (harvest.kept === 0 && harvest.foreign > 0) await this.#letGo(job, view);
        else await this.#harvested(job, view, harvest);
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
  async #letGo(job: OpenJob, { id }: BatchJob): Promise<void> {
    const { log, tell } = this.#options;
    tell(`The batch ${id} has the results of other requests, and is not one of this journal.`);
    await log.change(job, { state: "creating", known: [...(job.stored.known ?? []), id] });
    if (!(await this.#maker.bringOn(job))) await this.#close(job, "abandoned");
  }

  async #harvested(job: OpenJob, view: BatchJob, harvest: Harvest): Promise<void> {
    const { provider, tell } = this.#options;
    const { requests } = job.stored;
    this.harvested += 1;
    job.reservation.settle(harvest.spent);
    this.counts.answered += harvest.kept;
    this.counts.lost += Math.max(0, requests - harvest.kept);
    if (harvest.repeated > 0)
      tell(
        `The batch ${view.id} had ${counted(harvest.repeated, "result")} more than once; the first one counts.`,
      );
    if (harvest.foreign > 0)
      tell(
        `The batch ${view.id} had ${counted(harvest.foreign, "result")} of other requests, which are not used.`,
      );
    this.#compareUsage(view, harvest);
    const failure =
      harvest.stop === undefined
        ? harvest.withheld.length > 0
          ? refusedMost(this.#options.provider, job, harvest)
          : undefined
        : stopReasonOf(new RejectionError(harvest.stop), provider);
    await this.#close(job, "harvested", { failure });
    if (failure === undefined) await cleanUp(view, this.#options);
  }

  /** Tells where the provider counts other tokens for the job than its results do. */
  #compareUsage({ id, usage }: BatchJob, { before, spent: { tokens } }: Harvest): void {
    if (usage === undefined || before > 0) return;
    const told = usage.inputTokens + usage.outputTokens;
    if (Math.abs(told - tokens) <= MAX_USAGE_DIFFERENCE * told) return;
    const [theirs, ours] = [told, tokens].map((count) => count.toLocaleString("en-US"));
    this.#options.tell(
      `The batch ${id} counts ${theirs} tokens, and its results ${ours}: the bill may differ from the cost shown here.`,
    );
  }

  /** Whether a job that was refused as a whole is made once more, as it is. Throws where no other would be taken. */
  async #mayComeAgain(job: OpenJob, refused: BatchRefusal): Promise<boolean> {
    const { log, queue } = this.#options;
    const { rejection, queueLimit } = refused;
    if (rejection.verdict !== "wait") throw new RejectionError(rejection);
    if (!queue.refused(job.stored, queueLimit) || job.stored.file === undefined) {
      await this.#close(job, "refused", { error: rejection.message });
      return false;
    }
    job.heldBackBy = "queue";
    await log.change(job, { state: "uploaded", error: rejection.message });
    return true;
  }

  async #waitForQueue(waits: number): Promise<void> {
    const { clock, signals } = this.#options;
    const ms = Math.min(MAX_QUEUE_WAIT_MS, FIRST_QUEUE_WAIT_MS * 2 ** waits);
    const wait = new AbortController();
    await Promise.race([
      this.#changed(),
      sleep(clock, ms, AbortSignal.any([signals.waiting, this.#unwanted.signal, wait.signal])),
    ]).finally(() => wait.abort());
  }

  async #gaveUp(job: OpenJob, error: unknown): Promise<void> {
    const { provider, signals, onFailure } = this.#options;
    this.#leave(job);
    try {
      if (error instanceof Unwanted) {
        await this.#close(job, "abandoned");
        return;
      }
      // It stays in the journal as it is, and is gone on with by the next run.
      if (signals.waiting.aborted) return;
      if (error instanceof RejectionError) {
        const failure = stopReasonOf(error, provider) ?? refusedAll(provider, error);
        await this.#close(job, "refused", { error: error.message, failure });
      } else onFailure(stopReasonOf(error, provider) ?? asError(error));
    } catch (cause) {
      onFailure(stopReasonOf(cause, provider) ?? asError(cause));
    }
  }

  /** @param failure why nothing more is to be asked: whoever waits for the job hears of it */
  async #close(
    job: OpenJob,
    end: JobEnd,
    { error, failure }: { readonly error?: string; readonly failure?: Error | undefined } = {},
  ): Promise<void> {
    const { log, onFailure } = this.#options;
    this.#leave(job);
    await log.close(job, end, error);
    if (failure !== undefined) onFailure(failure);
    job.close();
    job.reservation.refund();
    this.#jobs.delete(job.id);
    this.closed += 1;
  }

  /** Sets aside what a job may take. Where that does not fit beside what others have set aside, it waits for them. */
  async #reserve(reserved: Spending | undefined): Promise<Reservation> {
    const { budget, signals } = this.#options;
    if (budget === undefined || reserved === undefined) return FREE_RESERVATION;
    return budget.reserve(reserved, { signal: signals.waiting });
  }

  #reserveAgain({ requests, answers, reserved, cost: spent }: StoredJob): Reservation {
    const { budget } = this.#options;
    if (budget === undefined) return FREE_RESERVATION;
    const { tokens = 0, cost = 0 } = reserved ?? {};
    const rest = { requests: requests - answers, tokens, cost: Math.max(0, cost - spent) };
    try {
      return budget.tryReserve(rest) ?? budget.tryReserve(NOTHING) ?? FREE_RESERVATION;
    } catch {
      // The job was made when the budget had more room. What it takes is counted all the same.
      return budget.tryReserve(NOTHING) ?? FREE_RESERVATION;
    }
  }

  /** Waits until the job fits into the queue of the provider, as far as its limit is known. */
  async #room(job: OpenJob): Promise<void> {
    const { queue } = this.#options;
    while (!job.isQueued && !queue.fits(job.stored)) {
      job.heldBackBy = "queue";
      await this.#changed();
      if (this.#unwanted.signal.aborted) throw new Unwanted();
    }
    job.heldBackBy = undefined;
    this.#enter(job);
  }

  #enter(job: OpenJob): void {
    if (!job.isQueued) this.#options.queue.enter(job.stored);
    job.isQueued = true;
  }

  #leave(job: OpenJob): void {
    if (job.isQueued) this.#options.queue.leave(job.stored);
    job.isQueued = false;
    this.#tellChange();
  }

  async #changed(): Promise<void> {
    const { waiting } = this.#options.signals;
    waiting.throwIfAborted();
    await orAbort(this.#change.promise, waiting);
  }

  #tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}

const NOTHING: Spending = { requests: 0, tokens: 0, cost: 0 };

/** Says that no job is wanted any more. */
class Unwanted extends Error {
  override readonly name: string = "Unwanted";
}
