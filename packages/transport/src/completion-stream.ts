import {
  checkArgument,
  singleUse,
  type Completed,
  type Failed,
  type Prompted,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { memoryJournal } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { awaitEarlierJobs } from "./batch/await-earlier-jobs.ts";
import { resolveBatch } from "./batch/batch-options.ts";
import { BatchRun } from "./batch/batch-run.ts";
import { CompletionRun } from "./run/completion-run.ts";
import { aProvider } from "./option-checks.ts";
import type { CompletionOptions, ResolvedOptions } from "./options.ts";
import type { CompletionProgress } from "./progress.ts";
import { resolveOptions } from "./resolve-options.ts";

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
 * Takes prompts and gives completions: one row is asked alone first, then as many in parallel as the rate limits, the
 * server and `concurrency` allow, with retries. Rows that failed before pass through. A cause that no row would
 * survive (bad key, no credit, unknown model) stops the run with a ParrotError. A row over which code throws that
 * should never throw fails with `STAGE_FAILED`; after 100 such rows the run stops with `TOO_MANY_FAULTS`.
 */
export function completionStream<R extends Row = Row>(
  provider: Provider,
  options: CompletionOptions = {},
): CompletionStage<R> {
  checkArgument("completionStream", "provider", provider, aProvider);
  const run = createRun<R>(provider, resolveOptions(provider, options));
  return singleUse({
    readable: run.stage.readable,
    writable: run.stage.writable,
    stop: (reason) => run.stop(reason),
    get stopped() {
      return run.stopped;
    },
    progress: () => run.progress(),
  });
}

function createRun<R extends Row>(
  provider: Provider,
  options: ResolvedOptions,
): CompletionRun<R> | BatchRun<R> {
  const { batch } = options;
  return batch === undefined || batch === false
    ? new CompletionRun<R>(provider, withSharing(options), { awaitJobs: awaitEarlierJobs })
    : new BatchRun<R>(provider, options, resolveBatch(batch));
}

/** The most bytes of answers that equal rows share, where there is no journal. */
const MAX_SHARED_BYTES = 64 * 2 ** 20;

/** Gives equal rows a place to find the answer that they share, where there is no journal. */
function withSharing(options: ResolvedOptions): ResolvedOptions {
  if (!options.askEqualOnce || options.journal !== undefined) return options;
  return { ...options, journal: memoryJournal({ maxBytes: MAX_SHARED_BYTES }), reuse: "all" };
}
