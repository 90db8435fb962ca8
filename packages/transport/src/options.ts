import type { FailureCode, Output } from "@parallel-parrot/core";
import type { Limiter, RateLimits } from "@parallel-parrot/limiter";
import type { Journal, JournalRun } from "@parallel-parrot/journal";
import type { GenerationParams, Price, Provider } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import type { BudgetLimits } from "./budget/budget-limits.ts";
import type { Budget } from "./budget/budget.ts";

/**
 * Which answers of the journal count:
 *
 * - `all`: every one, and refusals that would come again
 * - `answers`: rows that failed for good, or whose answer cannot be used, are asked again
 * - `none`: only what this very run has paid for, so that it can be continued
 * - `only`: nothing is asked; a row without an answer fails as `NOT_ASKED`
 */
export type Reuse = "all" | "answers" | "none" | "only";

/**
 * What becomes of a row whose prompt does not fit the model's context window:
 *
 * - `fail`: it fails with `CONTEXT_TOO_LONG`
 * - `skip`: it is left without an answer, and told so (`PROMPT_SKIPPED`)
 * - `truncate`: the text of its longest column is cut until it fits, and told so (`PROMPT_SHORTENED`)
 */
export type OnContext = "fail" | "skip" | "truncate";

/** Whom the same rows were asked before, and with which parameters. */
export interface EarlierAsking extends GenerationParams {
  readonly provider: Provider;
  /** What was done with prompts that were too long. @default "fail" */
  readonly onContext?: OnContext;
}

/** Options of {@linkcode completionStream}. */
export interface CompletionOptions extends GenerationParams {
  /** The wanted output: it shapes the request, and an answer that does not fit is asked again. @default text */
  readonly output?: Output;
  /**
   * Keeps every paid answer before it is used and finds it again: the path of a journal, an open one, or one
   * of its runs to go on with. @default none: a run that ends early has to be paid for again
   */
  readonly journal?: string | Journal | JournalRun;
  /** Which answers of the journal count. @default "all" */
  readonly reuse?: Reuse;
  /**
   * Whether rows with the same prompt are asked once and share the answer; without, each has one of its own. With
   * no journal, those share it that come while it is among the 64 MiB of answers last used. @default false
   */
  readonly askEqualOnce?: boolean;
  /**
   * Other ways in which the same rows were asked before, with the same prompt, in the order in which they count: a
   * row that the journal has a usable answer to from one of them gets that. Nothing is sent there. Not with
   * `reuse: "none"`. @default none
   */
  readonly earlier?: readonly EarlierAsking[];
  /**
   * With `reuse: "answers"`, whether a row that failed before for this reason is asked again; otherwise it fails as
   * it did. Called once for each such row. @default every one is
   */
  readonly asksAgain?: (code: FailureCode) => boolean;
  /** The output that requests and re-asks are made for, where `output` is to read stored answers in another way. */
  readonly requestOutput?: Output;
  /**
   * What becomes of a row whose prompt does not fit the model's context window. `"truncate"` needs prompts of
   * `promptStream` with `canShorten: true`. @default "fail"
   */
  readonly onContext?: OnContext;
  /** Choices per row; fanned out where the API gives one at a time. @default 1 */
  readonly n?: number;
  /** Requests in flight at once, at most; how many there are follows from the limits and the latency. @default 10000 */
  readonly concurrency?: number;
  /** `"input"` keeps the order of the input; `"completion"` emits each row as it comes. @default "input" */
  readonly order?: "input" | "completion";
  /**
   * Rows inside at once, at most: in flight, waiting for an earlier one, or not yet read.
   * @default as many as fit in 64 MiB; with a journal in a file, those that wait for a slow row wait on the disk
   */
  readonly window?: number;
  /** Rate limits you know; the server's own word can only lower them. @default learned from responses */
  readonly limits?: RateLimits;
  /** A limiter shared with other pipelines; then `limits` is not used. */
  readonly limiter?: Limiter;
  /** The most that may be spent, or a budget shared with other pipelines; see `createBudget`. @default no limit */
  readonly budget?: BudgetLimits | Budget;
  /** What tokens cost, in US dollars per million. @default the provider's, where it is known */
  readonly price?: Price;
  /** Attempts a row gets, throttled ones not counted. @default 10 */
  readonly maxAttempts?: number;
  /** How often an unusable answer is asked again, with the error. @default 2 */
  readonly maxReasks?: number;
  /** From sending one request to its last byte. @default 900000, as answers can take ten minutes */
  readonly attemptTimeoutMs?: number;
  /** From a row's first request to its answer, waits included. @default none */
  readonly rowTimeoutMs?: number;
  /** From the first row to the end. @default none */
  readonly runTimeoutMs?: number;
  /** Longest wait that a server may ask for, or in which it answers nothing but refusals. @default 3600000 */
  readonly maxWaitMs?: number;
  /** Longest outage of the server that is waited out, with a probe every 5 s; then the run stops. @default 900000 */
  readonly maxOutageMs?: number;
  /** Most bytes of one response, decompressed. @default 33554432 */
  readonly maxResponseBytes?: number;
  /**
   * What a fatal cause (bad key, no credit) does after requests in flight are done: `"error"` gives it to both
   * neighbours, `"close"` ends the stream as if the input were over and leaves it in `stopped`. @default "error"
   */
  readonly onStop?: "error" | "close";
  /** Ends everything at once, requests in flight included. */
  readonly signal?: AbortSignal;
  /** undici dispatcher, for proxies and the like. @default one agent shared by the process */
  readonly dispatcher?: Dispatcher;
}

/** Options that have a default. */
export type DefaultedOption =
  | "n"
  | "concurrency"
  | "order"
  | "maxAttempts"
  | "maxReasks"
  | "attemptTimeoutMs"
  | "maxWaitMs"
  | "maxOutageMs"
  | "maxResponseBytes"
  | "onStop"
  | "onContext"
  | "reuse"
  | "askEqualOnce";

/** {@linkcode CompletionOptions} with the defaults filled in and every number checked. */
export type ResolvedOptions = CompletionOptions & Required<Pick<CompletionOptions, DefaultedOption>>;
