import type { Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { LimitState } from "@parallel-parrot/limiter";
import type { ParamName } from "@parallel-parrot/providers";
import type { BatchProgress } from "./batch/batch-progress.ts";
import type { GroupProgress } from "./group/group-progress.ts";
import type { AttemptErrors } from "./request/attempt-tally.ts";
import type { RunWait } from "./run-wait.ts";
import type { AnswerTimes } from "./waiting/answer-times.ts";
import type { BudgetState } from "./budget/budget.ts";

/** How far a run is. */
export interface CompletionProgress {
  /** Rows that were answered, and those that were left without an answer. */
  readonly completed: number;
  /** Of those completed, the rows that were left without an answer, as `onContext: "skip"` says. */
  readonly skipped: number;
  /** Rows that came with a completion, as a condition has let them pass: they are not asked, and not among those completed. */
  readonly passed: number;
  /** Rows that failed here. */
  readonly failed: number;
  /** Requests that were sent and are not answered yet. */
  readonly inFlight: number;
  /**
   * Requests that wait for their turn at the rate limit, for room in the budget, for the end of an outage, or for the
   * first row, which goes alone.
   */
  readonly waiting: number;
  /** Requests that wait a while before they are sent again, as the last attempt failed. They are not among those waiting. */
  readonly backingOff: number;
  /** Why the last of those that are backing off failed; `undefined` where none is. */
  readonly lastFailure: string | undefined;
  /** Attempts that followed one that had failed or was throttled. */
  readonly retries: number;
  /** Attempts that the server refused as too many for now. */
  readonly throttles: number;
  /** How many attempts brought no answer, by code, throttled ones included: also of rows that were answered later. */
  readonly errors: AttemptErrors;
  /** What the run waits for, and until when; an outage first, then the longest wait, then room in the budget. */
  readonly waits: readonly RunWait[];
  /** Whether the server is away: one request every few seconds asks whether it is back. */
  readonly isOutage: boolean;
  /**
   * Rows so far whose prompt is that of an earlier row; `undefined` where they are not counted: beyond 65,536
   * different prompts, with neither `journal` nor `askEqualOnce`.
   */
  readonly equal: number | undefined;
  /** Rows that the journal had the answer to, so that nothing was asked. They are among those completed or failed. */
  readonly reused: number;
  /** Rows that share the answer of an equal row, with `askEqualOnce`. They are not among those reused. */
  readonly shared: number;
  /** What this run had paid before it was resumed. It is not in `usage` and `cost`. */
  readonly paidBefore: JournalRun["paidBefore"];
  /** The usage of everything that was paid for so far. */
  readonly usage: Usage;
  /** Whether a part of `usage` is estimated by characters, as the server does not tell it. */
  readonly usageIsEstimated: boolean;
  /**
   * Requests whose answers were lost, such as by a timeout or a broken connection: they may have to be paid for, and
   * their tokens are not in `usage`.
   */
  readonly lostAnswers: number;
  /** What that costs in US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  /**
   * How much more that would be without a prompt cache, in US dollars; below 0 where writing to it cost more than reading
   * from it saved. `undefined` where the price is not known.
   */
  readonly cacheSaving: number | undefined;
  /** What has been taken from the budget, where there is one. */
  readonly budget: BudgetState | undefined;
  /** The rate limits that hold now; empty while none is known. */
  readonly limits: readonly LimitState[];
  /** What the model refused, and is left out since then, such as `omit:temperature`. */
  readonly amendments: readonly string[];
  /** Parameters that are set and not sent, as the API does not have them; of a pool, those that some member lacks. */
  readonly paramsNotSent: readonly ParamName[];
  /** What a person should know of how responses are read, in whole sentences: such as that a gateway wraps answers. */
  readonly notices: readonly string[];
  /** The jobs of the run, where its requests go through batches; `undefined` before the first row, and without them. */
  readonly batch: BatchProgress | undefined;
  /** How rows were asked several at a time; `undefined` before the first row, and where each is asked alone. */
  readonly groups: GroupProgress | undefined;
  /** Each member of a pool; empty where there is one provider. */
  readonly members: readonly MemberProgress[];
  /** Each model that rows choose, where there are several: see `modelByRow`. */
  readonly models: readonly ModelProgress[];
}

/** How one of the models is doing that rows choose; a snapshot. */
export interface ModelProgress {
  /** The name that rows choose it by. */
  readonly name: string;
  /** The name of its provider. */
  readonly provider: string;
  readonly model: string;
  readonly inFlight: number;
  readonly usage: Usage;
  /** In US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  readonly limits: readonly LimitState[];
  readonly amendments: readonly string[];
  /** How long the answers took that were asked for here; `undefined` before the first. */
  readonly answerTimes: AnswerTimes | undefined;
}

/** The state of a pool's member: `new` until its first answer, `aside` while it is away or out of credit, `gone` for good. */
export type MemberState = "new" | "active" | "aside" | "gone";

/** How one member of a pool is doing; a snapshot. */
export interface MemberProgress {
  readonly name: string;
  readonly model: string;
  readonly baseUrl: string;
  /** `new` until its first answer, `aside` while it is away or out of credit, `gone` for good. */
  readonly state: MemberState;
  /** Why it is `aside` or `gone`. */
  readonly reason: string | undefined;
  readonly answered: number;
  readonly inFlight: number;
  readonly usage: Usage;
  /** In US dollars; `undefined` where the price is not known. */
  readonly cost: number | undefined;
  readonly limits: readonly LimitState[];
  readonly amendments: readonly string[];
}
