import {
  asError,
  FaultLimit,
  faultOf,
  isCompleted,
  isFailed,
  mapConcurrentStream,
  ParrotError,
  SKIP,
  type Completed,
  type ConcurrentStage,
  type Failed,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { RowWatch } from "../events/row-watch.ts";
import { stopReasonOf } from "../errors/stop-reason.ts";
import { MAX_CONCURRENCY, type ResolvedOptions } from "../options.ts";
import type { CompletionProgress } from "../progress.ts";
import { RowContext } from "../request/row-context.ts";
import { isRowsOwn } from "../errors/verdict.ts";
import { ParkedRequest } from "../routing/parking.ts";
import { failedItem } from "../row/completed-item.ts";
import { EarlierAnswers } from "../row/earlier-answers.ts";
import type { Way } from "../row/way.ts";
import { withJobs, type AwaitedJobs, type AwaitJobs } from "./awaited-jobs.ts";
import { EqualRows } from "./equal-rows.ts";
import { itemBytes } from "./item-bytes.ts";
import { RowCounts } from "./row-counts.ts";
import { RowQueue } from "./row-queue.ts";
import { RunJournal } from "./run-journal.ts";
import { RunWays, type RunWay } from "./run-ways.ts";
import { SpillFile } from "./spill-file.ts";
import type { OpenRow } from "./watermark.ts";
import type { Signals } from "../waiting/signals.ts";

/** A row that came in. */
interface Entered {
  readonly open: OpenRow | undefined;
  readonly occurrence: number;
}

/** How a run is one of several over the same rows. */
export interface RunPass {
  /** The ways in which all of them ask. @default those of this run alone */
  readonly ways?: RunWays;
  /** How many rows before an item ask the same. @default they are counted */
  readonly occurrenceOf?: (item: Prompted) => number;
  /** Whether a row that leaves is done with, which the journal is told. @default true */
  readonly isLast?: boolean;
  /** Has rows wait for jobs that earlier runs have left open. @default nobody looks for such jobs */
  readonly awaitJobs?: AwaitJobs;
}

/** One run: takes rows in, asks for them, and gives them on, until the input ends or something stops it. */
export class CompletionRun<R extends Row> {
  readonly stage: ConcurrentStage<Prompted<R> | Failed<R>, Completed<R> | Failed<R>>;
  /** Why the run was stopped, once it was. */
  stopped: Error | undefined;
  readonly #provider: Provider;
  readonly #options: ResolvedOptions;
  readonly #ways: RunWays;
  readonly #earlier: EarlierAnswers;
  readonly #journal: RunJournal;
  readonly #equalRows: EqualRows;
  readonly #occurrenceOf: RunPass["occurrenceOf"];
  readonly #rowWatch: RowWatch;
  readonly #counts: RowCounts;
  readonly #queue: RowQueue;
  readonly #faults = new FaultLimit();
  readonly #stopping = new AbortController();
  /** One pair of signals for all rows. */
  #signals: Signals | undefined;
  /** What earlier runs have left open, where rows wait for that. */
  #jobs: AwaitedJobs | undefined;
  #cancelRunTimeout: (() => void) | undefined;

  constructor(provider: Provider, options: ResolvedOptions, pass: RunPass = {}) {
    const { occurrenceOf, isLast = true } = pass;
    this.#provider = provider;
    this.#options = options;
    this.#queue = new RowQueue(options.rowsPerRequest, () => this.stage.resume());
    this.#occurrenceOf = occurrenceOf;
    this.#ways = pass.ways ?? new RunWays(provider, options, () => this.stage.setAside());
    this.#earlier = new EarlierAnswers(options);
    this.#journal = new RunJournal(options.journal, provider, {
      settles: isLast,
      onBegin: async (run, signals) => {
        await this.#ways.open(run);
        for (const { sender } of this.#allWays) sender.open(run);
        this.#jobs = await pass.awaitJobs?.(run, {
          senders: this.#ways.all.map(({ sender }) => sender),
          options,
          signals,
          onFailure: (reason) => this.stop(reason),
        });
      },
    });
    this.#equalRows = new EqualRows(options.journal !== undefined && occurrenceOf === undefined);
    this.#counts = new RowCounts(options.askEqualOnce);
    this.#rowWatch = new RowWatch(options.events, isLast);
    options.events.onThrow = (error) => this.stop(error);
    this.stage = this.#createStage();
  }

  progress(): CompletionProgress {
    const { completed, skipped, passed, failed, reused, shared } = this.#counts;
    const direct = this.#ways.progress();
    return {
      completed,
      skipped,
      passed,
      failed,
      equal: this.#equalRows.count,
      reused,
      shared,
      paidBefore: this.#journal.paidBefore,
      ...direct,
      ...withJobs(direct, this.#jobs),
    };
  }

  /** Sends nothing more. What is in flight is answered and given on, then the stream ends as `onStop` says. */
  stop(reason: Error): void {
    if (this.stopped !== undefined) return;
    this.stopped = reason;
    this.#stopping.abort(reason);
    this.stage.finish(reason, this.#options.onStop === "error" ? reason : undefined);
  }

  get #allWays(): readonly Way[] {
    return [...this.#ways.all, ...this.#earlier.ways];
  }

  #createStage(): ConcurrentStage<Prompted<R> | Failed<R>, Completed<R> | Failed<R>> {
    const {
      concurrency = MAX_CONCURRENCY,
      order,
      window = Number.POSITIVE_INFINITY,
      journal,
      signal,
      rowsPerRequest,
    } = this.#options;
    return mapConcurrentStream((item, ends) => this.#take(item, ends), {
      concurrency: concurrency * rowsPerRequest,
      order,
      window,
      sizeOf: (item, before) => itemBytes(item, before),
      ...(journal !== undefined && { overflow: new SpillFile(() => this.#journal.path) }),
      isBusy: () => this.#queue.isFull,
      ...(signal !== undefined && { signal }),
      onInputEnd: () => {
        for (const { firstRefusal } of this.#ways.all) firstRefusal.endInput();
      },
      onSettled: (isWhole) => this.#end(isWhole),
    });
  }

  #take(
    item: Prompted<R> | Failed<R>,
    signal: AbortSignal,
  ): Completed<R> | Failed<R> | typeof SKIP | Promise<Completed<R> | Failed<R> | typeof SKIP> {
    const open = this.#journal.enter(item.index);
    if (isFailed(item)) {
      this.#noteFault(item);
      return this.#settle(item, open);
    }
    if (isCompleted<R>(item)) {
      this.#counts.passed += 1;
      return this.#settle(item, open);
    }
    try {
      this.#startTimeout();
      const occurrence = this.#countEqual(item);
      if (occurrence === undefined) return SKIP;
      return this.#recallNext(item, { open, occurrence }) ?? this.#ask(item, { open, occurrence }, signal);
    } catch (error) {
      return this.#failOrStop(error, item, { open, row: undefined, way: undefined });
    }
  }

  /** How many rows before this one ask the same; `undefined` where the run cannot go on without knowing. */
  #countEqual(item: Prompted<R>): number | undefined {
    try {
      return this.#occurrenceOf?.(item) ?? this.#equalRows.enter(item.prompt, this.#ways.ownOf(item.row));
    } catch (error) {
      this.stop(asError(error));
      return undefined;
    }
  }

  /** The row at once, where the one that ended last was in the journal as well: such rows come one after another. */
  #recallNext(
    item: Prompted<R>,
    { open, occurrence }: Entered,
  ): Completed<R> | Failed<R> | typeof SKIP | undefined {
    // Whoever listens hears of a row first, and then of what was found of it.
    if (!this.#counts.isRecalling || this.#rowWatch.isOn) return undefined;
    const row = new RowContext(this.#options.maxAttempts, { index: item.index, occurrence });
    const found = this.#earlier.recallOf(item.row, this.#ways.of(item.row))(item, row);
    return found === undefined ? undefined : this.#giveOn(found, row, open);
  }

  async #ask(
    item: Prompted<R>,
    { open, occurrence }: Entered,
    signal: AbortSignal,
  ): Promise<Completed<R> | Failed<R> | typeof SKIP> {
    const leaveQueue = this.#queue.enter();
    const row = new RowContext(this.#options.maxAttempts, { index: item.index, occurrence, leaveQueue });
    let way: RunWay | undefined;
    this.#rowWatch.begin(row);
    try {
      way = this.#ways.of(item.row);
      way.firstRefusal.enter();
      const signals = this.#signalsWith(signal);
      if (!this.#journal.isOpen) {
        await this.#journal.open(signals);
        this.#journal.isOpen = true;
      }
      const outcome = await this.#complete(item, way, { signals, row });
      way.canary.leave(row, outcome);
      return this.#giveOn(outcome, row, open);
    } catch (error) {
      // The stage has ended with an error already, and nobody takes what comes.
      if (signal.aborted) {
        way?.canary.abandon(row, error);
        throw error;
      }
      return this.#failOrStop(error, item, { open, row, way });
    } finally {
      leaveQueue();
      way?.firstRefusal.leave();
    }
  }

  /** Finds the answer to a row, or asks for it; once more, where it was refused first and then another was answered. */
  async #complete(
    item: Prompted<R>,
    way: RunWay,
    { signals, row }: { readonly signals: Signals; readonly row: RowContext },
  ): Promise<Completed<R> | Failed<R>> {
    for (;;) {
      try {
        return (
          (await this.#earlier.find(item, way, { signals, row })) ??
          (await way.completer.complete(item, signals, row))
        );
      } catch (error) {
        await way.firstRefusal.judge(error, row, signals.waiting);
      }
    }
  }

  #signalsWith(all: AbortSignal): Signals {
    return (this.#signals ??= { all, waiting: AbortSignal.any([all, this.#stopping.signal]) });
  }

  /**
   * Decides what becomes of a row when something threw. A cause that no row would survive stops the run, and so does
   * a fault of the journal. A row of which a request was parked leaves without an outcome. Anything else fails this
   * row alone, as what is in flight has been paid for.
   */
  #failOrStop(
    error: unknown,
    item: Prompted<R>,
    {
      open,
      row = new RowContext(this.#options.maxAttempts),
      way,
    }: { open: OpenRow | undefined; row: RowContext | undefined; way: RunWay | undefined },
  ): Failed<R> | typeof SKIP {
    if (error instanceof ParkedRequest) {
      // A request of a row that goes alone may be parked already: then the next row shows that the server works.
      way?.canary.standAside(row);
      return SKIP;
    }
    const isStopping = this.#stopping.signal.aborted;
    const provider = way?.provider ?? this.#provider;
    const reason = isStopping ? this.stopped : stopReasonOf(error, provider);
    const outcome = failureOf(item, error, row);
    try {
      if (reason === undefined) {
        way?.canary.leave(row, outcome);
        return this.#giveOn(outcome, row, open, error);
      }
      way?.canary.abandon(row, error);
      this.stop(reason);
    } catch (cause) {
      this.stop(stopReasonOf(cause, provider) ?? asError(cause));
    }
    return SKIP;
  }

  #giveOn<Outcome extends Completed<R> | Failed<R>>(
    outcome: Outcome,
    row: RowContext,
    open: OpenRow | undefined,
    cause?: unknown,
  ): Outcome | typeof SKIP {
    this.#counts.add(outcome, row);
    this.#rowWatch.end(outcome, row);
    if (isFailed(outcome)) this.#noteFault(outcome, cause);
    return this.#settle(outcome, open);
  }

  /** Gives a row on once the journal knows that it is done with. A journal that throws ends the run. */
  #settle<Outcome>(outcome: Outcome, open: OpenRow | undefined): Outcome | typeof SKIP {
    try {
      const ending = this.#journal.settle(open);
      if (ending !== undefined) this.stop(ending);
      return outcome;
    } catch (error) {
      this.stop(asError(error));
      return SKIP;
    }
  }

  /** Stops the run where too many rows meet faults in code. */
  #noteFault(failed: Failed, cause?: unknown): void {
    const reason = this.#faults.add(failed, cause);
    if (reason !== undefined) this.stop(reason);
  }

  #startTimeout(): void {
    const { runTimeoutMs } = this.#options;
    if (runTimeoutMs === undefined || this.#cancelRunTimeout !== undefined) return;
    const message = `The run was stopped after ${runTimeoutMs} ms, the limit that runTimeoutMs sets`;
    this.#cancelRunTimeout = this.#ways.clock.after(runTimeoutMs, () =>
      this.stop(new ParrotError("RUN_TIMEOUT", message)),
    );
  }

  async #end(isWhole: boolean): Promise<void> {
    this.#cancelRunTimeout?.();
    this.#equalRows.close();
    await this.#jobs?.close();
    await Promise.all(this.#allWays.map(({ sender }) => sender.close()));
    await this.#journal.end(isWhole && this.stopped === undefined);
  }
}

/** The row as failed: with a refusal of its own, or else with a fault in code. */
function failureOf<R extends Row>(item: Prompted<R>, error: unknown, row: RowContext): Failed<R> {
  if (isRowsOwn(error)) return failedItem(item, { code: error.rejection.code, message: error.message }, row);
  const failed = faultOf(item, "transport", error);
  const { usage, allAttempts: attempts } = row;
  return { ...failed, failure: { ...failed.failure, usage, attempts } };
}
