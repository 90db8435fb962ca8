import type { CompletionProgress } from "@parallel-parrot/transport";
import type { StepProgress } from "../steps/step-progress.ts";
import { TimeLeft } from "./time-left.ts";

/** How far a run is. */
export interface Seen {
  readonly progress: CompletionProgress;
  /** How far each step is, where there are several; then `progress` is their sum. Empty where there is one. */
  readonly steps?: readonly StepProgress[];
  /** Rows that were answered and failed all the same, as the answer cannot be used. */
  readonly unusable: number;
  /** Whether it has been asked to stop, and only awaits what is in flight. */
  readonly isStopping: boolean;
}

/** How far a run is after some time. */
export interface RunStatus extends Seen {
  /** `undefined` where the number of rows is not known. */
  readonly total: number | undefined;
  /** Since the run began. */
  readonly seconds: number;
  /** Milliseconds until it is done, where that can be said. */
  readonly leftMs: number | undefined;
}

/**
 * Looks how far a run is, as often as it is called. The more often that is, the better it knows how long the rest takes.
 *
 * @param rows `undefined` where their number is not known
 */
export function watchStatus(rows: number | undefined, snapshot: () => Seen): () => RunStatus {
  const start = performance.now();
  const timeLeft = new TimeLeft();
  return () => {
    const [seen, now] = [snapshot(), performance.now()];
    const { progress, steps } = seen;
    const total = totalOf(rows, steps);
    timeLeft.note(askedOf(progress), now);
    const leftMs = total === undefined ? undefined : timeLeft.for(total - doneOf(progress));
    return { ...seen, total, seconds: (now - start) / 1000, leftMs };
  };
}

/**
 * How many rows there are. With several steps a row counts once for each, and each step is taken to get as many rows as
 * any has had so far, as nobody knows how many rows a step will make.
 */
function totalOf(
  rows: number | undefined,
  steps: readonly StepProgress[] | undefined = [],
): number | undefined {
  if (rows === undefined || steps.length === 0) return rows;
  return Math.max(rows, ...steps.map(({ progress }) => doneOf(progress))) * steps.length;
}

/** Rows that are done: answered, failed, or let pass. */
export function doneOf({ completed, passed, failed }: CompletionProgress): number {
  return completed + passed + failed;
}

/** Rows that are done and were asked: no answer of theirs was there already. */
export function askedOf({ completed, failed, reused, shared }: CompletionProgress): number {
  return completed + failed - reused - shared;
}
