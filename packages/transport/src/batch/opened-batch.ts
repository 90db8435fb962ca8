import { asError, ParrotError, type Row } from "@parallel-parrot/core";
import type { BatchDialect, Provider } from "@parallel-parrot/providers";
import type { Budget } from "../budget/budget.ts";
import { bookPaid } from "../budget/spend-tracker.ts";
import type { ResolvedOptions } from "../options.ts";
import { beginSession, type JournalSession } from "../run/journal-session.ts";
import type { RunWays } from "../run/run-ways.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { Signals } from "../waiting/signals.ts";
import { BatchJobs } from "./batch-jobs.ts";
import type { ResolvedBatch } from "./batch-options.ts";
import { BatchRounds } from "./batch-rounds.ts";
import { Deadline } from "./deadline.ts";
import { RowPasses } from "./row-passes.ts";

/** What {@linkcode OpenedBatch} is made of. */
export interface OpenedBatchOptions {
  readonly provider: Provider;
  readonly dialect: BatchDialect;
  readonly options: ResolvedOptions;
  readonly batch: ResolvedBatch;
  readonly ways: RunWays;
  readonly budget: Budget | undefined;
  /** Whether nobody else counts on the budget, so that what was paid before is not in it. */
  readonly isOwnBudget: boolean;
  readonly signals: Signals;
  /** Ends the run. */
  readonly stop: (reason: Error) => void;
}

/** What a run through batches works with once its journal is open. */
export class OpenedBatch<R extends Row> {
  readonly session: JournalSession;
  readonly jobs: BatchJobs;
  readonly passes: RowPasses<R>;
  readonly rounds: BatchRounds;
  readonly #sender: RequestSender;
  readonly #deadline: Deadline | undefined;
  #cancelRunTimeout: (() => void) | undefined;

  /** Opens the journal, and gets ready to make jobs. {@linkcode close} must follow. */
  static async open<R extends Row>(parts: OpenedBatchOptions): Promise<OpenedBatch<R>> {
    const { provider, options, budget, isOwnBudget } = parts;
    // `requireBatch` has seen that there is one.
    const session = await beginSession(options.journal ?? "", provider);
    if (budget !== undefined && isOwnBudget) await bookPaid(budget, session.run.paidBefore);
    const opened = new OpenedBatch<R>(session, parts);
    try {
      await opened.jobs.board.closeCollected();
      opened.#startClocks(parts);
      return opened;
    } catch (error) {
      await opened.close(false);
      throw error;
    }
  }

  private constructor(session: JournalSession, parts: OpenedBatchOptions) {
    const { provider, options, ways, signals, stop, batch } = parts;
    const { run } = session;
    const path = run.path ?? "";
    const { sender } = theOneOf(ways.all, "way to ask");
    sender.open(run);
    const endpoint = theOneOf(sender.endpoints, "endpoint");
    this.session = session;
    this.#sender = sender;
    this.#deadline = batch.deadline === undefined ? undefined : new Deadline(batch.deadline);
    this.jobs = new BatchJobs({ ...parts, endpoint, run, path, onFailure: stop });
    this.passes = new RowPasses<R>({
      provider,
      options,
      ways,
      run,
      path,
      signal: signals.all,
      onStopped: stop,
    });
    this.rounds = new BatchRounds({
      ...parts,
      jobs: this.jobs,
      isLate: () => this.#deadline?.isNear === true,
      onOpen: stop,
    });
    sender.parking = this.jobs.desk;
  }

  /** @param isFinished whether all rows are done with */
  async close(isFinished: boolean): Promise<void> {
    this.#cancelRunTimeout?.();
    this.#deadline?.stop();
    await this.jobs.board.halt();
    await this.#sender.close();
    this.jobs.close();
    this.passes.close();
    // Every answer is durable already: what the journal says of the run itself is not worth an error.
    await this.session.end(isFinished).catch(() => undefined);
  }

  #startClocks({ options: { runTimeoutMs }, stop }: OpenedBatchOptions): void {
    const { clock } = this.#sender;
    const { desk, board } = this.jobs;
    if (runTimeoutMs !== undefined)
      this.#cancelRunTimeout = clock.after(runTimeoutMs, () => stop(runTimeout(runTimeoutMs)));
    this.#deadline?.start(clock, {
      onNear: () => {
        if (desk.mode === "collect") desk.mode = "leave";
      },
      onOver: () => void board.cancelAll().catch((error: unknown) => stop(asError(error))),
    });
  }
}

/** A provider that has batches is asked in one way at one endpoint. */
function theOneOf<T>([one]: readonly T[], what: string): T {
  if (one === undefined) throw new Error(`There is no ${what}`);
  return one;
}

function runTimeout(ms: number): ParrotError {
  return new ParrotError(
    "RUN_TIMEOUT",
    `The run was stopped after ${ms} ms, the limit that runTimeoutMs sets`,
  );
}
