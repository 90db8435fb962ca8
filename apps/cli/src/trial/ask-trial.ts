import { isFailed, type Failed, type Item, type Parsed, type Row, type Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import { costOf, type CompletionProgress } from "@parallel-parrot/transport";
import { pipeline } from "parallel-parrot";
import { priceFor } from "../by-row/own-of.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { AnswerReport } from "../run/describe-warnings.ts";
import { askingOptions, withoutUndefined } from "../run/pipeline-options.ts";
import type { WayOfAsking } from "../run/way-of-asking.ts";
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

/** A few rows that were asked for real, in the order of the input. */
export interface Trial {
  readonly rows: readonly TrialRow[];
  readonly progress: CompletionProgress;
  readonly answers: AnswerReport;
  readonly ms: number;
  /** What ended the asking early. */
  readonly stopped: Error | undefined;
}

/** How a trial asks: without a journal, it finds no answers. */
export type TrialOptions = Partial<Pick<WayOfAsking, "reuse" | "requestOutput" | "earlier">> & {
  readonly journal: JournalRun | undefined;
};

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
  { journal, reuse, requestOutput, earlier }: TrialOptions,
): Promise<Trial> {
  const abort = new AbortController();
  let isStopping = false;
  let unusable = 0;
  const start = performance.now();
  const asked: TrialRow[] = [];
  const run = pipeline<Row, Row>({
    ...askingOptions(options),
    ...withoutUndefined({ journal, reuse, requestOutput, earlier }),
    signal: abort.signal,
    checkFirstRow: false,
    onStop: "close",
    rowIndex: (position) => items[position]?.index ?? position,
    onRow(item, usage) {
      if (isUnusable(item)) unusable += 1;
      // A row may choose its model, which has a price of its own.
      const price = priceFor(item.row, options);
      asked.push({ item, usage, cost: price === undefined ? undefined : costOf(usage, price) });
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
    const rows = ReadableStream.from(items.map(({ row }) => row));
    await rows.pipeThrough(run).pipeTo(new WritableStream());
  } finally {
    view?.stop();
    stopListening();
  }
  const { stopped, warningCounts, withoutOutputs } = run;
  const hasAnswers = asked.some(({ item }) => !isFailed<Row>(item) || isUnusable(item));
  if (stopped !== undefined && !hasAnswers) throw stopped;
  return {
    rows: asked.toSorted((one, other) => one.item.index - other.item.index),
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
