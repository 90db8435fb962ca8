import { isFailed, type Completed, type Failed } from "@parallel-parrot/core";
import type { RowContext } from "../request/row-context.ts";

/** Counts what became of the rows of a run, for its progress. */
export class RowCounts {
  completed = 0;
  skipped = 0;
  passed = 0;
  failed = 0;
  reused = 0;
  shared = 0;
  /** Whether the row that ended last was answered from the journal. */
  isRecalling = false;
  readonly #sharesEqual: boolean;

  /** @param sharesEqual whether equal rows share an answer */
  constructor(sharesEqual: boolean) {
    this.#sharesEqual = sharesEqual;
  }

  add(outcome: Completed | Failed, row: RowContext): void {
    if (isFailed(outcome)) this.failed += 1;
    else {
      this.completed += 1;
      if (outcome.completion.skipped !== undefined) this.skipped += 1;
    }
    this.isRecalling = row.attempts === 0 && row.attemptsBefore > 0;
    if (!this.isRecalling) return;
    if (this.#sharesEqual && row.occurrence > 0) this.shared += 1;
    else if (!row.wasAskedHere) this.reused += 1;
  }
}
