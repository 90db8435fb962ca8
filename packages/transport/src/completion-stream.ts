import {
  checkArgument,
  FaultLimit,
  faultOf,
  isFailed,
  mapConcurrentStream,
  NO_USAGE,
  ParrotError,
  singleUse,
  SKIP,
  type Completed,
  type ConcurrentStage,
  type Failed,
  type Prompted,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { memoryJournal } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import type { Signals } from "./waiting/signals.ts";
import { createSender } from "./routing/create-sender.ts";
import { RowContext } from "./request/row-context.ts";
import { aProvider } from "./option-checks.ts";
import { EqualRows } from "./run/equal-rows.ts";
import { findEarlier, isSameServer, openEarlier, wayOf } from "./row/earlier-asking.ts";
import { itemBytes } from "./run/item-bytes.ts";
import { withJournal } from "./errors/journal-fault.ts";
import { beginSession, type JournalSession } from "./run/journal-session.ts";
import type { CompletionOptions, ResolvedOptions } from "./options.ts";
import type { CompletionProgress } from "./progress.ts";
import { resolveOptions } from "./resolve-options.ts";
import { SpillFile } from "./run/spill-file.ts";
import { Watermark, type OpenRow } from "./run/watermark.ts";
import { createCanary } from "./routing/canary.ts";
import { stopReasonOf } from "./errors/stop-reason.ts";

/** The stage that {@linkcode completionStream} makes. */
export interface CompletionStage<R extends Row> extends Stage<
  Prompted<R> | Failed<R>,
  Completed<R> | Failed<R>
> {
  /** How far the run is; a snapshot. */
  progress(): CompletionProgress;
  /**
   * Ends the run gently: nothing more is sent, requests in flight are answered and emitted, then the stream ends
   * as `onStop` says.
   */
  stop(reason: Error): void;
  /** Why the run was stopped, once it was. */
  readonly stopped: Error | undefined;
}

/**
 * Prompts in, completions out: one setup request alone, then as many in parallel as the rate limits, the server
 * and `concurrency` allow, with retries. Rows that failed pass by. A cause that no row would survive (bad key,
 * no credit, unknown model) stops the run with a ParrotError. A row over which code throws that is not to throw
 * fails with `STAGE_FAILED`; after 100 of them the run stops with `TOO_MANY_FAULTS`.
 */
export function completionStream<R extends Row = Row>(
  provider: Provider,
  options: CompletionOptions = {},
): CompletionStage<R> {
  checkArgument("completionStream", "provider", provider, aProvider);
  const resolved = withSharing(resolveOptions(options));
  const canary = createCanary(provider, resolved);
  const sender = createSender(provider, resolved, canary);
  const { clock } = sender;
  const own = wayOf(provider, sender, resolved);
  const { reuse, earlier = [] } = resolved;
  const earlierWays = reuse === "none" ? [] : earlier.map((each) => openEarlier(each, resolved));
  /** Where a row is looked up before it is asked: asking itself looks up its own way, so mostly nowhere. */
  const ways = reuse === "answers" ? [...earlierWays, own] : earlierWays;
  const { recall } = ways[0] ?? own;
  const stopping = new AbortController();
  let stopped: Error | undefined;
  let completed = 0;
  let skipped = 0;
  let failed = 0;
  let reused = 0;
  let shared = 0;
  const equalRows = new EqualRows(resolved.journal !== undefined);
  /** Whether the row that ended last was answered from the journal. */
  let isRecalling = false;
  let session: JournalSession | undefined;
  let opening: Promise<void> | undefined;
  /** Set by the first row that waited for the journal: one that comes before that waits too, and overtakes none. */
  let isOpen = false;
  const watermark = new Watermark((row) => session?.run.settle(row));
  /** Rows taken in of which nothing has been sent yet. */
  let queued = 0;
  const faults = new FaultLimit();
  let cancelRunTimeout: (() => void) | undefined;
  let signals: Signals | undefined;

  const stage: ConcurrentStage<Prompted<R> | Failed<R>, Completed<R> | Failed<R>> = mapConcurrentStream(
    (item, signal) => {
      const open = resolved.journal === undefined ? undefined : watermark.enter(item.index);
      if (isFailed(item)) {
        noteFault(item);
        return settle(item, open);
      }
      try {
        startRunClock();
        const occurrence = enter(item);
        if (occurrence === undefined) return SKIP;
        return recallNext(item, { open, occurrence }) ?? askFor(item, { open, occurrence }, signal);
      } catch (error) {
        return failOrStop(error, item, { open, row: undefined });
      }
    },
    {
      concurrency: resolved.concurrency,
      order: resolved.order,
      window: resolved.window ?? Number.POSITIVE_INFINITY,
      sizeOf: (item, before) => itemBytes(item, before),
      ...(resolved.journal === undefined ? {} : { overflow: new SpillFile(() => session?.run.path) }),
      isBusy: () => queued >= MAX_QUEUED,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      async onSettled(isWhole) {
        cancelRunTimeout?.();
        equalRows.close();
        await Promise.all([own, ...earlierWays].map((way) => way.sender.close()));
        // Every answer is durable already: what the journal says of the run itself is not worth an error.
        await session?.end(isWhole && stopped === undefined).catch(() => undefined);
      },
    },
  );

  /** How many rows before this one ask the same; `undefined` where the run cannot go on without knowing. */
  function enter({ prompt }: Prompted<R>): number | undefined {
    try {
      return equalRows.enter(prompt);
    } catch (error) {
      stop(asError(error));
      return undefined;
    }
  }

  /** The row at once, where the one that ended last was in the journal as well: they come one after another. */
  function recallNext(
    item: Prompted<R>,
    { open, occurrence }: Entered,
  ): Completed<R> | Failed<R> | typeof SKIP | undefined {
    if (!isRecalling) return undefined;
    const row = new RowContext(resolved.maxAttempts, { index: item.index, occurrence });
    const found = recall(item, row);
    return found === undefined ? undefined : end(found, row, open);
  }

  async function askFor(
    item: Prompted<R>,
    { open, occurrence }: Entered,
    signal: AbortSignal,
  ): Promise<Completed<R> | Failed<R> | typeof SKIP> {
    queued += 1;
    let isQueued = true;
    const leaveQueue = (): void => {
      if (!isQueued) return;
      isQueued = false;
      queued -= 1;
      if (queued === MAX_QUEUED - 1) stage.resume();
    };
    const row = new RowContext(resolved.maxAttempts, { index: item.index, occurrence, leaveQueue });
    try {
      if (resolved.journal !== undefined && !isOpen) {
        await (opening ??= withJournal(openJournal));
        isOpen = true;
      }
      // One pair of signals serves all rows of the stage.
      const ends = (signals ??= { all: signal, waiting: AbortSignal.any([signal, stopping.signal]) });
      const outcome = (await keepEarlier(item, ends, row)) ?? (await own.completer.complete(item, ends, row));
      canary.leave(row, outcome);
      return end(outcome, row, open);
    } catch (error) {
      // The stage has ended with an error already: nobody takes what comes.
      if (signal.aborted) {
        canary.abandon(row, error);
        throw error;
      }
      return failOrStop(error, item, { open, row });
    } finally {
      leaveQueue();
    }
  }

  /**
   * What becomes of a row over which something threw: what no row would survive stops the run, and so does what
   * concerns the journal. Anything else fails this row alone: what is in flight has been paid for.
   */
  function failOrStop(
    error: unknown,
    item: Prompted<R>,
    {
      open,
      row = new RowContext(resolved.maxAttempts),
    }: { open: OpenRow | undefined; row: RowContext | undefined },
  ): Failed<R> | typeof SKIP {
    const reason = stopping.signal.aborted ? stopped : stopReasonOf(error, provider);
    const failed = faultOf(item, "transport", error);
    const { usage } = row;
    const outcome = { ...failed, failure: { ...failed.failure, usage, attempts: row.allAttempts } };
    try {
      if (reason === undefined) {
        canary.leave(row, outcome);
        return end(outcome, row, open, error);
      }
      canary.abandon(row, error);
      stop(reason);
    } catch (cause) {
      stop(stopReasonOf(cause, provider) ?? asError(cause));
    }
    return SKIP;
  }

  /** Stops the run where too many rows meet faults in code. */
  function noteFault(failed: Failed, cause?: unknown): void {
    const reason = faults.add(failed, cause);
    if (reason !== undefined) stop(reason);
  }

  /** What earlier runs have of a row, where that is what it gets. */
  async function keepEarlier(
    item: Prompted<R>,
    signals: Signals,
    row: RowContext,
  ): Promise<Completed<R> | Failed<R> | undefined> {
    if (ways.length === 0 || resolved.journal === undefined) return undefined;
    const { usage, attemptsBefore } = row;
    const found = await findEarlier(ways, resolved.output, item, { signals, row });
    if (found !== undefined && found.code === undefined) {
      row.isFromElsewhere = !isSameServer(found.way, own);
      return found.outcome;
    }
    if (reuse !== "answers") {
      // Asking its own way finds the same again.
      Object.assign(row, { usage, attemptsBefore });
    } else if (found?.code !== undefined) {
      if (resolved.asksAgain?.(found.code) === false) return found.outcome;
      // What its own way has of it is wanted where that did not fail: a refusal on the way to a shorter prompt.
      row.asksAgain = found.way === own;
    }
    return undefined;
  }

  function end<Outcome extends Completed<R> | Failed<R>>(
    outcome: Outcome,
    row: RowContext,
    open: OpenRow | undefined,
    cause?: unknown,
  ): Outcome | typeof SKIP {
    if (isFailed(outcome)) {
      failed += 1;
      noteFault(outcome, cause);
    } else {
      completed += 1;
      if (outcome.completion.skipped !== undefined) skipped += 1;
    }
    isRecalling = row.attempts === 0 && row.attemptsBefore > 0;
    if (isRecalling) {
      if (resolved.askEqualOnce && row.occurrence > 0) shared += 1;
      else reused += 1;
    }
    return settle(outcome, open);
  }

  /** Gives a row on once the journal knows that it is done with. A journal that throws ends the run. */
  function settle<Outcome>(outcome: Outcome, open: OpenRow | undefined): Outcome | typeof SKIP {
    try {
      if (open !== undefined) watermark.settle(open);
      const { ending } = session?.run ?? {};
      if (ending !== undefined) stop(ending);
      return outcome;
    } catch (error) {
      stop(asError(error));
      return SKIP;
    }
  }

  async function openJournal(): Promise<void> {
    if (resolved.journal === undefined) return;
    const begun = await beginSession(resolved.journal, provider);
    for (const way of [own, ...earlierWays]) await way.sender.open(begun.run);
    // Last: rows wait until it is there.
    session = begun;
  }

  function startRunClock(): void {
    const { runTimeoutMs } = resolved;
    if (runTimeoutMs === undefined || cancelRunTimeout !== undefined) return;
    cancelRunTimeout = clock.after(runTimeoutMs, () => {
      stop(
        new ParrotError("RUN_TIMEOUT", `The run was stopped after ${runTimeoutMs} ms, as runTimeoutMs says`),
      );
    });
  }

  function stop(reason: Error): void {
    if (stopped !== undefined) return;
    stopped = reason;
    stopping.abort(reason);
    stage.finish(reason, resolved.onStop === "error" ? reason : undefined);
  }

  return singleUse({
    readable: stage.readable,
    writable: stage.writable,
    stop,
    get stopped() {
      return stopped;
    },
    progress: () => ({
      completed,
      skipped,
      failed,
      equal: equalRows.count,
      reused,
      shared,
      paidBefore: session?.run.paidBefore ?? { usage: NO_USAGE, cost: 0 },
      ...sender.progress(),
    }),
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A row that was taken in. */
interface Entered {
  readonly open: OpenRow | undefined;
  readonly occurrence: number;
}

/** What the answers may take that equal rows share, where there is no journal. */
const MAX_SHARED_BYTES = 64 * 2 ** 20;

/** Gives equal rows a place to find the answer that they share, where there is no journal. */
function withSharing(options: ResolvedOptions): ResolvedOptions {
  if (!options.askEqualOnce || options.journal !== undefined) return options;
  return { ...options, journal: memoryJournal({ maxBytes: MAX_SHARED_BYTES }), reuse: "all" };
}

/** Rows that wait for their turn, at most: enough for small ones to overtake a large one at the rate limit. */
const MAX_QUEUED = 64;
