import type { Row, WarningCode } from "@parallel-parrot/core";
import type { OnUnwritable } from "@parallel-parrot/formats";
import type { CompletionProgress } from "@parallel-parrot/transport";
import type { Pipeline } from "parallel-parrot";
import type { ConnectedRun } from "../run/connect.ts";
import type { RowTrail } from "./row-trail.ts";
import type { StepProgress } from "./step-progress.ts";
import { sumProgress } from "./sum-progress.ts";

/** A step of a run that goes on. */
export interface RunningStep {
  readonly name: string;
  readonly run: Pipeline<Row, Row, Row>;
  /** The trail of the rows that come to it; `undefined` for the first step. */
  readonly trail: RowTrail | undefined;
}

/** The steps of a run as one: what they have counted, together. */
export class JoinedRun implements ConnectedRun {
  readonly #steps: readonly RunningStep[];

  constructor(steps: readonly RunningStep[]) {
    this.#steps = steps;
  }

  get #last(): RunningStep["run"] {
    const last = this.#steps.at(-1);
    if (last === undefined) throw new RangeError("A run has a step");
    return last.run;
  }

  get rowCount(): number {
    return this.#last.rowCount;
  }

  get mergedCount(): number {
    return this.#sum(({ mergedCount }) => mergedCount);
  }

  get withoutOutputs(): number {
    return this.#sum(({ withoutOutputs }) => withoutOutputs);
  }

  get warningCounts(): Readonly<Partial<Record<WarningCode, number>>> {
    const counts: Partial<Record<WarningCode, number>> = {};
    for (const { run } of this.#steps)
      for (const [code, count] of Object.entries(run.warningCounts) as [WarningCode, number][])
        counts[code] = (counts[code] ?? 0) + count;
    return counts;
  }

  /** What ended a step before its rows did. */
  get stopped(): Error | undefined {
    return this.#steps.map(({ run }) => run.stopped).find((reason) => reason !== undefined);
  }

  /** Only rows of the last step come to the sink. */
  get onUnwritable(): OnUnwritable {
    return this.#last.onUnwritable;
  }

  stop(reason: Error): void {
    for (const { run } of this.#steps) run.stop(reason);
  }

  progress(): CompletionProgress {
    return sumProgress(this.#steps.map(({ run }) => run.progress()));
  }

  steps(): readonly StepProgress[] {
    return this.#steps.map(({ name, run, trail }) => {
      const [progress, { failedCount: failed }] = [run.progress(), run];
      // Rows that fail behind the requests had an answer that could not be used.
      const unusable = Math.max(0, failed - progress.failed);
      const answered = progress.completed - progress.skipped - unusable;
      const notAsked = run.failureCounts.NOT_ASKED ?? 0;
      return { name, progress, answered, failed, notAsked, failedBefore: trail?.failedBefore ?? 0 };
    });
  }

  #sum(of: (run: RunningStep["run"]) => number): number {
    return this.#steps.reduce((total, { run }) => total + of(run), 0);
  }
}
