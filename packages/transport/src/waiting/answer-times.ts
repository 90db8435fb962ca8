import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** How long answers took, from the request to their last byte. */
export interface AnswerTimes {
  readonly answers: number;
  /** Half of them took no longer. */
  readonly medianMs: number;
  /** Nineteen of twenty took no longer. */
  readonly p95Ms: number;
}

/** Figures that are right, whatever the size: 1 % is less than anybody reads out of a time. */
const FIGURES = 2;
const LONGEST_MS = 86_400_000;

/** Collects how long answers took, in the same memory however many there are. */
export class AnswerTimer {
  #histogram: RecordableHistogram | undefined;

  add(ms: number): void {
    this.#histogram ??= emptyHistogram();
    this.#histogram.record(Math.min(LONGEST_MS, Math.max(1, Math.round(ms))));
  }

  /** The times that several have collected, together; `undefined` before the first answer. */
  static timesOf(timers: readonly AnswerTimer[]): AnswerTimes | undefined {
    const all = emptyHistogram();
    for (const timer of timers) if (timer.#histogram !== undefined) all.add(timer.#histogram);
    const { count } = all;
    return count === 0
      ? undefined
      : { answers: count, medianMs: all.percentile(50), p95Ms: all.percentile(95) };
  }
}

function emptyHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_MS, figures: FIGURES });
}
