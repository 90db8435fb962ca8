import type { AnswerCounts, Failed, FailureCode, Row, Usage } from "@parallel-parrot/core";
import type { CompletionProgress, CompletionStage } from "@parallel-parrot/transport";
import type { RowWarning } from "./answers.ts";
import type { Outcomes } from "./outcomes.ts";

/** What is known of a run besides its rows. Live while it goes on, final once its rows have ended. */
export interface RunReport<R extends Row = Row> {
  /** Everything paid for, failed attempts and re-asks included. */
  readonly usage: Usage;
  /** Whether a part of `usage` is estimated by characters, as the server does not tell. */
  readonly usageIsEstimated: boolean;
  /** Requests whose answers were lost: they may have to be paid for, and their tokens are not in `usage`. */
  readonly lostAnswers: number;
  /** What that costs in US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  /** How much more that would be without a prompt cache; below 0 where writing to one cost more than reading saved. */
  readonly cacheSaving: number | undefined;
  /**
   * Rows whose prompt is that of an earlier row; `undefined` where they were not counted: with neither `journal` nor
   * `askEqualOnce`, beyond 65,536 different prompts.
   */
  readonly equal: number | undefined;
  /** Rows answered from the journal, with nothing asked. */
  readonly reused: number;
  /** Rows that share the answer of an equal row before them, with `askEqualOnce`; not among those reused. */
  readonly shared: number;
  /** What a run that goes on had paid before, which is not in `usage` and `cost`. */
  readonly paidBefore: CompletionProgress["paidBefore"];
  /** Rows that have come out. */
  readonly rowCount: number;
  /** Outputs that were left out, as an earlier one of the same row is equal (`dedupe`). */
  readonly mergedCount: number;
  /** Rows that failed; the first `maxFailuresKept`. */
  readonly failures: readonly Failed<R>[];
  /** How many failed. */
  readonly failedCount: number;
  /** How many failed for each reason. */
  readonly failureCounts: Readonly<Partial<Record<FailureCode, number>>>;
  /** How each member of a pool is doing, and why one is not asked; empty where there is one provider. */
  readonly members: CompletionProgress["members"];
  /** What each model has taken that rows choose, where there are several: see `modelByRow`. */
  readonly models: CompletionProgress["models"];
  /** Parameters that are set and not sent, as the API does not have them; of a pool, those that some member lacks. */
  readonly paramsNotSent: CompletionProgress["paramsNotSent"];
  /** What was odd about answers that were used all the same; the first 100. */
  readonly warnings: readonly RowWarning[];
  /** Rows by the kinds of warning they have, all of them; a row with two kinds counts in both. */
  readonly warningCounts: AnswerCounts["warnings"];
  /** Rows that `when` has let pass without being asked. */
  readonly passed: number;
  /**
   * Rows that were answered with an empty list: with nulls in the output, or not in it, as `empty` says. Those that
   * `onContext: "skip"` left without an answer are under `PROMPT_SKIPPED` in `warningCounts`.
   */
  readonly withoutOutputs: number;
  /** What ended the run before its rows did, where it closes instead of failing (`onStop: "close"`). */
  readonly stopped: Error | undefined;
}

/** The report of a run; each of its properties is live. */
export function reportOf<R extends Row>(
  completions: Pick<CompletionStage<R>, "progress" | "stopped">,
  outcomes: Pick<Outcomes<R, Row>, "answers" | "failures" | "rowCount" | "mergedCount">,
): RunReport<R> {
  const { answers, failures } = outcomes;
  return {
    get usage() {
      return completions.progress().usage;
    },
    get usageIsEstimated() {
      return completions.progress().usageIsEstimated;
    },
    get lostAnswers() {
      return completions.progress().lostAnswers;
    },
    get cost() {
      return completions.progress().cost;
    },
    get cacheSaving() {
      return completions.progress().cacheSaving;
    },
    get equal() {
      return completions.progress().equal;
    },
    get reused() {
      return completions.progress().reused;
    },
    get shared() {
      return completions.progress().shared;
    },
    get paidBefore() {
      return completions.progress().paidBefore;
    },
    get rowCount() {
      return outcomes.rowCount;
    },
    get mergedCount() {
      return outcomes.mergedCount;
    },
    failures: failures.kept,
    get failedCount() {
      return failures.count;
    },
    failureCounts: failures.counts,
    get members() {
      return completions.progress().members;
    },
    get models() {
      return completions.progress().models;
    },
    get paramsNotSent() {
      return completions.progress().paramsNotSent;
    },
    warnings: answers.warnings,
    warningCounts: answers.counts.warnings,
    get passed() {
      return answers.counts.passed;
    },
    get withoutOutputs() {
      return answers.counts.withoutOutputs;
    },
    get stopped() {
      return completions.stopped;
    },
  };
}
