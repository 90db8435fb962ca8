import type { CellChanges, PartFile, SourceNote } from "@parallel-parrot/formats";
import { isParrotError } from "@parallel-parrot/core";
import type { CompletionProgress } from "@parallel-parrot/transport";
import type { FailedRows } from "../failed/failed-rows.ts";
import type { OutputPlace } from "../output/output-place.ts";
import type { StepProgress } from "../steps/step-progress.ts";
import type { AnswerReport } from "./describe-warnings.ts";
import type { FailureRemedy } from "./tell-failures.ts";
import type { KeptAnswers } from "./tell-kept.ts";

/** How a run ended. */
export interface Ending {
  /** What ended the run early; `undefined` where it finished. */
  readonly error: unknown;
  readonly progress: CompletionProgress;
  /** How far each step came, where there are several; then `progress` is their sum. Empty where there is one. */
  readonly steps: readonly StepProgress[];
  /** Rows whose answer could not be used. */
  readonly unusable: number;
  /** Rows of the output. */
  readonly rows: number;
  readonly answers: AnswerReport;
  /** Answers that were left out, as an earlier one to the same row is equal. */
  readonly merged: number;
  /** How often the models agree that were compared, in words. */
  readonly agreement: readonly string[];
  /** What was done to the input so that it could be read. */
  readonly notes: readonly SourceNote[];
  /** What was left out as it was there before, in words. */
  readonly duplicates: readonly string[];
  /** Cells that have a `'` in front, as a spreadsheet would run them. */
  readonly escaped: number;
  /** What the output has in another form than the rows have. */
  readonly changes: Readonly<CellChanges>;
  /** Whether the output has a column that tells the warnings of each row. */
  readonly hasLineage: boolean;
  /** Whether rows with the same prompt share an answer. */
  readonly askEqualOnce: boolean;
  /** How many rows were to go into one request. */
  readonly rowsPerRequest: number;
  readonly ms: number;
  readonly place: OutputPlace;
  /** The files of the output, where it has several. */
  readonly parts: readonly PartFile[];
  readonly failed: FailedRows;
  readonly quiet: boolean;
  /** For how long the budget let fewer requests go at once than could have gone, in words. */
  readonly heldBack: readonly string[];
  /** Lines that follow when all else is said but the last line. */
  readonly closing: () => readonly string[];
  readonly kept: KeptAnswers;
  /** What to do about failed rows. */
  readonly remedy: FailureRemedy;
  /** The commands that go on from here; `undefined` without a journal. */
  readonly next:
    | {
        readonly resume: string;
        /** The command that asks failed rows again; `undefined` where the input can be read only once. */
        readonly retry: string | undefined;
        /** How the same command is typed again. */
        readonly again: string;
      }
    | undefined;
}

/** Rows whose answer is in the output. */
export function answeredOf({ progress, unusable }: Pick<Ending, "progress" | "unusable">): number {
  return progress.completed - progress.skipped - unusable;
}

/** Whether a run ended before anything was answered or paid for, and nobody has interrupted it: with exit code 2. */
export function isRefused(ending: Pick<Ending, "error" | "progress" | "unusable">): boolean {
  const { error, progress } = ending;
  const { inputTokens, outputTokens } = progress.usage;
  const isBegun = answeredOf(ending) + inputTokens + outputTokens > 0;
  const hasJobs = (progress.batch?.jobs.length ?? 0) > 0;
  return error !== undefined && !isInterrupted(error) && !isBegun && !hasJobs;
}

/** Whether a signal has ended it. */
export function isInterrupted(error: unknown): boolean {
  return isParrotError(error) && error.code === "INTERRUPTED";
}
