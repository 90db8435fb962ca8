import {
  addUsage,
  asError,
  createInlet,
  NO_USAGE,
  PacketStream,
  ParrotError,
  type Packet,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import type { BatchDialect, Provider } from "@parallel-parrot/providers";
import { budgetOf, bookPaid } from "../budget/spend-tracker.ts";
import type { Budget } from "../budget/budget.ts";
import { withJournal } from "../errors/journal-fault.ts";
import { stopReasonOf } from "../errors/stop-reason.ts";
import type { ResolvedOptions } from "../options.ts";
import type { CompletionProgress } from "../progress.ts";
import { beginSession, type JournalSession } from "../run/journal-session.ts";
import { RunWays, type RunWay } from "../run/run-ways.ts";
import { orAbort } from "../waiting/or-abort.ts";
import type { Signals } from "../waiting/signals.ts";
import type { DeskMode } from "./batch-desk.ts";
import { BatchJobs } from "./batch-jobs.ts";
import type { ResolvedBatch } from "./batch-options.ts";
import { Deadline } from "./deadline.ts";
import type { JobBoard } from "./jobs/job-board.ts";
import { requireBatch } from "./require-batch.ts";
import { RowPasses, type In, type Out } from "./row-passes.ts";

/** Requests that are asked directly in the place of another job, where the user does not say how many. */
const TAIL = { least: 100, share: 0.005 };
/** How often jobs are made anew for which the provider's queue had no room, in smaller ones each time. */
const MAX_REFUSALS = 20;

/** What a run works with once its journal is open. */
interface Opened<R extends Row> {
  readonly session: JournalSession;
  readonly jobs: BatchJobs;
  readonly passes: RowPasses<R>;
}

/**
 * One run whose requests go through the batches of the provider. Its rows are kept on the disk and pass several times
 * through an ordinary run: first to gather requests into jobs, at last to be given on with the answers that the journal
 * has by then, and with direct ones for the rest. So what comes out is what a direct run gives.
 */
export class BatchRun<R extends Row> {
  readonly stage: Stage<In<R>, Out<R>>;
  /** Why the run was stopped, once it was. */
  stopped: Error | undefined;
  readonly #provider: Provider;
  readonly #options: ResolvedOptions;
  readonly #batch: ResolvedBatch;
  readonly #dialect: BatchDialect;
  readonly #ways: RunWays;
  readonly #budget: Budget | undefined;
  /** Whether nobody else counts on the budget, so that what was paid before is not in it. */
  readonly #isOwnBudget: boolean;
  readonly #inlet = createInlet<In<R>>();
  readonly #stopping = new AbortController();
  /** Ends everything at once. */
  readonly #ending = new AbortController();
  readonly #signals: Signals;
  #opened: Opened<R> | undefined;
  #deadline: Deadline | undefined;
  #cancelRunTimeout: (() => void) | undefined;

  /** @throws ParrotError `INVALID_OPTION` */
  constructor(provider: Provider, options: ResolvedOptions, batch: ResolvedBatch) {
    this.#dialect = requireBatch(provider, options);
    this.#budget = budgetOf(options);
    this.#isOwnBudget = this.#budget !== options.budget;
    this.#provider = provider;
    this.#batch = batch;
    this.#options = { ...options, ...(this.#budget === undefined ? {} : { budget: this.#budget }) };
    this.#ways = new RunWays(provider, this.#options, () => this.#setAside());
    const all = AbortSignal.any([
      this.#ending.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    this.#signals = { all, waiting: AbortSignal.any([all, this.#stopping.signal]) };
    this.stage = this.#createStage();
  }

  progress(): CompletionProgress {
    const { passes, jobs, session } = this.#opened ?? {};
    const direct = this.#ways.progress();
    const batch = jobs?.progress();
    const { usage, cost } = direct;
    const { spendTracker } = jobs ?? {};
    const counts = {
      completed: 0,
      skipped: 0,
      passed: 0,
      failed: 0,
      reused: 0,
      shared: 0,
      ...passes?.counts,
    };
    return {
      ...direct,
      ...counts,
      equal: passes?.equal ?? 0,
      paidBefore: session?.run.paidBefore ?? NOTHING_PAID,
      usage: spendTracker === undefined ? usage : addUsage(usage, spendTracker.usage),
      cost: cost === undefined ? undefined : cost + (batch?.cost ?? 0),
      batch,
    };
  }

  /** Makes no more jobs and sends nothing more. Jobs that are open stay so, and the next run collects them. */
  stop(reason: Error): void {
    if (this.stopped !== undefined) return;
    this.stopped = reason;
    this.#stopping.abort(reason);
    this.#inlet.error(reason);
    this.#opened?.passes.current?.stop(reason);
  }

  /** A provider that has batches has one way in which it is asked. */
  get #way(): RunWay {
    const [way] = this.#ways.all;
    if (way === undefined) throw new Error("There is no way to ask");
    return way;
  }

  /** Lets others go while a row waits for them. */
  #setAside(): () => void {
    return this.#opened?.passes.current?.stage.setAside() ?? (() => undefined);
  }

  #createStage(): Stage<In<R>, Out<R>> {
    const outputs = this.#work();
    const readable = new ReadableStream<Packet<Out<R>>>(
      {
        pull: async (controller) => {
          try {
            const next = await outputs.next();
            if (next.done === true) controller.close();
            else controller.enqueue(next.value);
          } catch (error) {
            this.#inlet.error(error);
            throw error;
          }
        },
        cancel: async (reason) => {
          this.#ending.abort(reason);
          this.#inlet.error(reason);
          await outputs.return(undefined).catch(() => undefined);
        },
      },
      { highWaterMark: 0 },
    );
    return { readable: new PacketStream(readable), writable: this.#inlet.writable };
  }

  async *#work(): AsyncGenerator<Packet<Out<R>>, undefined> {
    let isWhole = false;
    try {
      try {
        const opened = await withJournal(() => this.#open());
        for (let isMore = true; isMore;) {
          opened.jobs.desk.begin(this.#modeForNew);
          isMore = await opened.passes.takeIn(this.#inlet);
          await this.#answer(opened);
          opened.jobs.desk.begin(this.#batch.tail === "never" ? "refuse" : "wait");
          yield* opened.passes.giveOn();
        }
        isWhole = true;
      } catch (error) {
        this.#judge(error);
        yield* this.#giveWhatIsThere();
      }
    } finally {
      await this.#close(isWhole);
    }
    if (this.stopped !== undefined && this.#options.onStop === "error") throw this.stopped;
  }

  /** Opens the journal, and gets ready to make jobs. */
  async #open(): Promise<Opened<R>> {
    const { journal, runTimeoutMs } = this.#options;
    const { deadline } = this.#batch;
    // `requireBatch` has seen that there is one.
    const session = await beginSession(journal ?? "", this.#provider);
    const { run } = session;
    const { sender } = this.#way;
    sender.open(run);
    if (this.#budget !== undefined && this.#isOwnBudget) await bookPaid(this.#budget, run.paidBefore);
    const [endpoint] = sender.endpoints;
    if (endpoint === undefined) throw new Error("A provider has one endpoint");
    const path = run.path ?? "";
    const jobs = new BatchJobs({
      provider: this.#provider,
      dialect: this.#dialect,
      options: this.#options,
      batch: this.#batch,
      endpoint,
      budget: this.#budget,
      signals: this.#signals,
      run,
      path,
      onFailure: (reason) => this.stop(reason),
    });
    const passes = new RowPasses<R>({
      provider: this.#provider,
      options: this.#options,
      ways: this.#ways,
      run,
      path,
      signal: this.#signals.all,
      onStopped: (reason) => this.stop(reason),
    });
    sender.parking = jobs.desk;
    await jobs.board.closeCollected();
    this.#opened = { session, jobs, passes };
    if (runTimeoutMs !== undefined)
      this.#cancelRunTimeout = sender.clock.after(runTimeoutMs, () => this.stop(runTimeout(runTimeoutMs)));
    if (deadline !== undefined) {
      this.#deadline = new Deadline(deadline);
      this.#deadline.start(sender.clock, {
        onNear: () => {
          if (jobs.desk.mode === "collect") jobs.desk.mode = "leave";
        },
        onOver: () => void jobs.board.cancelAll().catch((error: unknown) => this.stop(asError(error))),
      });
    }
    return this.#opened;
  }

  /** Makes jobs of what was gathered and waits for them, in as many rounds as there may be. */
  async #answer({ jobs: { desk, board }, passes }: Opened<R>): Promise<void> {
    for (let rounds = 0, refusals = 0; rounds < this.#batch.rounds && refusals < MAX_REFUSALS;) {
      const { harvested } = board.counts;
      if (this.#isTail(desk.collected, passes.count)) desk.leavePending();
      else await desk.submitAll();
      if (desk.collected === desk.left && desk.inJobs === 0) return;
      if (!this.#batch.wait) await this.#stopWhereOpen(board);
      await this.#unlessStopped(board.idle());
      // A job for which the queue had no room has run nothing: that is no round.
      if (board.counts.harvested > harvested) rounds += 1;
      else refusals += 1;
      this.#signals.waiting.throwIfAborted();
      desk.begin(this.#modeForNew);
      if (rounds < this.#batch.rounds) await passes.again();
    }
  }

  /** Waits, but no longer than the run goes on. */
  async #unlessStopped(waited: Promise<void>): Promise<void> {
    const { waiting } = this.#signals;
    waiting.throwIfAborted();
    await orAbort(waited, waiting);
  }

  get #modeForNew(): DeskMode {
    return this.#deadline?.isNear === true || this.#batch.rounds === 0 ? "leave" : "collect";
  }

  #isTail(requests: number, rows: number): boolean {
    const { tail = Math.max(TAIL.least, TAIL.share * rows) } = this.#batch;
    const { minRequests = 0 } = this.#dialect.limits;
    return requests < minRequests || (tail !== "never" && requests <= tail);
  }

  /** Stops the run where jobs are open, once each was looked at. */
  async #stopWhereOpen(board: JobBoard): Promise<void> {
    await this.#unlessStopped(board.looked());
    const { length } = board.jobs;
    if (length > 0) this.stop(jobsAreOpen(length, this.#provider));
  }

  /** Notes why the run is over. Throws what nobody can go on from: an error of the input, or the signal's reason. */
  #judge(error: unknown): void {
    if (this.stopped !== undefined) return;
    const isInputs = this.#opened?.passes.inputError?.error === error;
    const reason = isInputs ? undefined : stopReasonOf(error, this.#provider);
    if (reason === undefined) throw error;
    this.stop(reason);
  }

  /** After the run was stopped: the rows that have an answer by now. */
  async *#giveWhatIsThere(): AsyncGenerator<Packet<Out<R>>> {
    const { jobs, passes } = this.#opened ?? {};
    if (jobs === undefined || passes === undefined || passes.isGivingOn) return;
    await jobs.board.halt();
    jobs.desk.begin("skip");
    yield* passes.giveOn();
  }

  async #close(isWhole: boolean): Promise<void> {
    this.#cancelRunTimeout?.();
    this.#deadline?.stop();
    if (this.#opened === undefined) return;
    const { session, jobs, passes } = this.#opened;
    if (!isWhole) this.#stopping.abort(this.stopped);
    await jobs.board.halt();
    await this.#way.sender.close();
    jobs.close();
    passes.close();
    // Every answer is durable already: what the journal says of the run itself is not worth an error.
    await session.end(isWhole && this.stopped === undefined).catch(() => undefined);
  }
}

const NOTHING_PAID = { usage: NO_USAGE, cost: 0 };

function runTimeout(ms: number): ParrotError {
  return new ParrotError(
    "RUN_TIMEOUT",
    `The run was stopped after ${ms} ms, the limit that runTimeoutMs sets`,
  );
}

function jobsAreOpen(count: number, { name }: Provider): ParrotError {
  const are = count === 1 ? "1 batch is" : `${count} batches are`;
  return new ParrotError("BATCH_OPEN", `${are} open at ${name}: run again to collect the results`);
}
