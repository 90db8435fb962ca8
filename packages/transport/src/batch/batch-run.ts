import { createInlet, NO_USAGE, type Packet, type Row, type Stage } from "@parallel-parrot/core";
import type { BatchDialect, Provider } from "@parallel-parrot/providers";
import type { Budget } from "../budget/budget.ts";
import { budgetOf } from "../budget/spend-tracker.ts";
import { withJournal } from "../errors/journal-fault.ts";
import { stopReasonOf } from "../errors/stop-reason.ts";
import type { ResolvedOptions } from "../options.ts";
import type { CompletionProgress } from "../progress.ts";
import { withJobs } from "../run/awaited-jobs.ts";
import { RunWays } from "../run/run-ways.ts";
import type { Signals } from "../waiting/signals.ts";
import type { ResolvedBatch } from "./batch-options.ts";
import type { OpenedBatch } from "./opened-batch.ts";
import { pulledStage } from "./pulled-stage.ts";
import { requireBatch } from "./require-batch.ts";
import type { In, Out } from "./row-passes.ts";

const NOTHING_PAID = { usage: NO_USAGE, cost: 0 };

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
  readonly #isOwnBudget: boolean;
  readonly #inlet = createInlet<In<R>>();
  readonly #stopping = new AbortController();
  /** Ends everything at once. */
  readonly #ending = new AbortController();
  readonly #signals: Signals;
  #opened: OpenedBatch<R> | undefined;

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
    this.stage = pulledStage(this.#inlet, this.#work(), (reason) => this.#ending.abort(reason));
  }

  progress(): CompletionProgress {
    const { passes, jobs, session } = this.#opened ?? {};
    const direct = this.#ways.progress();
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
      ...withJobs(direct, jobs),
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

  /** Lets others go while a row waits for them. */
  #setAside(): () => void {
    return this.#opened?.passes.current?.stage.setAside() ?? (() => undefined);
  }

  async *#work(): AsyncGenerator<Packet<Out<R>>, undefined> {
    let isWhole = false;
    try {
      try {
        const { rounds, passes } = await withJournal(() => this.#open());
        for (let isMore = true; isMore;) {
          rounds.begin();
          isMore = await passes.takeIn(this.#inlet);
          await rounds.answer(passes);
          rounds.end();
          yield* passes.giveOn();
        }
        isWhole = true;
      } catch (error) {
        this.#judge(error);
        yield* this.#giveWhatIsThere();
      }
    } finally {
      if (!isWhole) this.#stopping.abort(this.stopped);
      await this.#opened?.close(isWhole && this.stopped === undefined);
    }
    if (this.stopped !== undefined && this.#options.onStop === "error") throw this.stopped;
  }

  async #open(): Promise<OpenedBatch<R>> {
    // A run without batches loads nothing of what makes them.
    const { OpenedBatch } = await import("./opened-batch.ts");
    this.#opened = await OpenedBatch.open<R>({
      provider: this.#provider,
      dialect: this.#dialect,
      options: this.#options,
      batch: this.#batch,
      ways: this.#ways,
      budget: this.#budget,
      isOwnBudget: this.#isOwnBudget,
      signals: this.#signals,
      stop: (reason) => this.stop(reason),
    });
    return this.#opened;
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
}
