import type { CompletionProgress } from "@parallel-parrot/transport";

/** How far a step is. */
export interface StepProgress {
  readonly name: string;
  readonly progress: CompletionProgress;
  /** Rows whose answer could be used. */
  readonly answered: number;
  readonly failed: number;
  /** Of these, rows that would have been asked, where the run only looks stored answers up. */
  readonly notAsked: number;
  /** Of the rows that have passed, those that have failed in a step before. */
  readonly failedBefore: number;
}
