import {
  addUsage,
  isFailed,
  NO_USAGE,
  type Failed,
  type Item,
  type Parsed,
  type Row,
  type Usage,
} from "@parallel-parrot/core";
import { costOf, type CompletionProgress } from "@parallel-parrot/transport";
import { priceFor } from "../by-row/own-of.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { AnswerReport } from "../run/describe-warnings.ts";
import { allSteps } from "../steps/all-steps.ts";
import type { StepProgress } from "../steps/step-progress.ts";
import { connectTrial, type TrialOptions } from "./connect-trial.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { showProgress } from "../terminal/progress.ts";
import { watchStatus } from "../terminal/run-status.ts";

/** A row that was asked in a trial, and what became of it. */
export interface TrialRow {
  readonly item: Parsed | Failed;
  /** What its answer took, also where the journal had it. */
  readonly usage: Usage;
  /** US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
}

/** What became of the rows in one of several steps. Each has the number of the row of the input that it was made of. */
interface StepTrial {
  readonly progress: StepProgress;
  readonly rows: readonly TrialRow[];
}

/** A few rows that were asked for real, in the order of the input. */
export interface Trial {
  /** Each with what it took in all steps. */
  readonly rows: readonly TrialRow[];
  /** The steps, where there are several. */
  readonly steps: readonly StepTrial[];
  readonly progress: CompletionProgress;
  readonly answers: AnswerReport;
  readonly ms: number;
  /** What ended the asking early. */
  readonly stopped: Error | undefined;
}

/**
 * Asks a few rows for real, re-asks and retries included. Their answers go to the journal alone, where the run that
 * follows finds them.
 *
 * @param items in the order of the input
 * @throws what stopped it before there was an answer
 */
export async function askTrial(
  items: readonly Item[],
  options: RunOptions,
  given: TrialOptions,
): Promise<Trial> {
  const abort = new AbortController();
  let isStopping = false;
  let unusable = 0;
  const start = performance.now();
  const asked: TrialRow[][] = allSteps(options).map(() => []);
  const { rows, run } = await connectTrial(items, options, {
    given,
    signal: abort.signal,
    onRow(place, item, usage) {
      if (isUnusable(item)) unusable += 1;
      // A row may choose its model, which has a price of its own.
      const price = priceFor(item.row, allSteps(options)[place] ?? options);
      asked[place]?.push({ item, usage, cost: price === undefined ? undefined : costOf(usage, price) });
    },
  });
  const stopListening = onInterrupt({
    gently(reason) {
      isStopping = true;
      run.stop(reason);
    },
    atOnce: (reason) => abort.abort(reason),
  });
  const view = options.quiet
    ? undefined
    : showProgress(watchStatus(items.length, () => ({ progress: run.progress(), unusable, isStopping })));
  try {
    await rows.pipeTo(new WritableStream());
  } finally {
    view?.stop();
    stopListening();
  }
  const { stopped, warningCounts, withoutOutputs } = run;
  const hasAnswers = asked.flat().some(({ item }) => !isFailed<Row>(item) || isUnusable(item));
  if (stopped !== undefined && !hasAnswers) throw stopped;
  return {
    rows: items.flatMap(({ index }) => wholeRow(index, asked) ?? []),
    steps: run.steps?.().map((progress, place) => ({ progress, rows: asked[place] ?? [] })) ?? [],
    progress: run.progress(),
    answers: { warningCounts, withoutOutputs },
    ms: performance.now() - start,
    stopped,
  };
}

/** Whether a row was answered and failed all the same. */
function isUnusable(item: Parsed | Failed): boolean {
  return isFailed<Row>(item) && item.failure.stage === "parse";
}

/** What a row came to in all steps together: how it ended, and what that took. */
function wholeRow(index: number, asked: readonly (readonly TrialRow[])[]): TrialRow | undefined {
  const parts = asked.flatMap((rows) => rows.filter(({ item }) => item.index === index));
  const end = parts.find(({ item }) => isFailed<Row>(item)) ?? parts.at(-1);
  if (end === undefined) return undefined;
  const costs = parts.flatMap(({ cost }) => cost ?? []);
  return {
    item: end.item,
    usage: parts.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
    cost: costs.length < parts.length ? undefined : costs.reduce((sum, cost) => sum + cost, 0),
  };
}
