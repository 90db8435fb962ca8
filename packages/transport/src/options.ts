import type { EventPublisher } from "./events/event-publisher.ts";
import type { RunEvent } from "./events/run-event.ts";
import type { FailureCode, Output, Row } from "@parallel-parrot/core";
import type { Limiter, RateLimits } from "@parallel-parrot/limiter";
import type { Journal, JournalRun } from "@parallel-parrot/journal";
import type { GenerationParams, Price, Provider } from "@parallel-parrot/providers";
import type { Dispatcher } from "undici";
import type { BatchOptions } from "./batch/batch-options.ts";
import type { BudgetLimits } from "./budget/budget-limits.ts";
import type { Budget } from "./budget/budget.ts";

/**
 * Which answers of the journal count:
 *
 * - `all`: every answer, and every refusal that would come again
 * - `answers`: every answer that can be used; rows that failed for good, or have no usable answer, are asked again
 * - `none`: only what this very run has paid for, so that it can be continued
 * - `only`: nothing is asked, and a row without an answer fails with `NOT_ASKED`
 */
export type Reuse = "all" | "answers" | "none" | "only";

/**
 * What becomes of a row whose prompt does not fit the model's context window:
 *
 * - `fail`: it fails with `CONTEXT_TOO_LONG`
 * - `skip`: it is left without an answer, with the warning `PROMPT_SKIPPED`
 * - `truncate`: the text of its longest column is cut until it fits, with the warning `PROMPT_SHORTENED`
 */
export type OnContext = "fail" | "skip" | "truncate";

/** Another way in which the same rows were asked before: the provider, and the parameters. */
export interface EarlierAsking extends GenerationParams {
  readonly provider: Provider;
  /** What each row's own parameters were. */
  readonly rowParams?: (row: Row) => GenerationParams;
  /** What became of prompts that were too long. @default "fail" */
  readonly onContext?: OnContext;
}

/** Options of {@linkcode completionStream}. */
export interface CompletionOptions extends GenerationParams {
  /** The wanted output: it shapes the request, and an answer that does not fit is asked again. @default text */
  readonly output?: Output;
  /**
   * Parameters that a row sets itself, such as `(row) => ({ temperature: Number(row["creativity"]) })`: they come before
   * those of the run. A row whose parameters cannot be used fails with `INVALID_PARAMETER`. A model of its own is one of
   * `modelByRow`. @default every row has those of the run
   */
  readonly rowParams?: (row: Row) => GenerationParams;
  /**
   * Where every paid answer is kept before it is used, and found again: the path of a journal, an open journal, or
   * one of its runs to go on with. @default none: a run that ends early has to be paid for again
   */
  readonly journal?: string | Journal | JournalRun;
  /**
   * Whether requests go through the batch API of the provider, which is cheaper and takes hours, and how. The first row is
   * asked directly, and what the batches leave over at the end. Needs a journal in a file: there the jobs are found again,
   * whenever the process ends. @default false
   */
  readonly batch?: boolean | BatchOptions;
  /** Which answers of the journal count. @default "all" */
  readonly reuse?: Reuse;
  /**
   * Whether rows with the same prompt are asked once and share the answer; otherwise each has an answer of its own.
   * Without a journal, a row shares the answer only while that is among the 64 MiB of answers used last.
   * @default false
   */
  readonly askEqualOnce?: boolean;
  /**
   * Other ways in which the same rows were asked before, with the same prompt. A row gets the first usable answer
   * that the journal has from one of them, in this order. Nothing is sent to them. They do not count with
   * `reuse: "none"`. @default none
   */
  readonly earlier?: readonly EarlierAsking[];
  /**
   * With `reuse: "answers"`, whether a row that failed before for this reason is asked again; otherwise it fails as
   * it did. Called once for each such row, with its 0-based position in the input. @default every one is
   */
  readonly asksAgain?: (code: FailureCode, index: number) => boolean;
  /** The output that requests are made for, where `output` is only to read stored answers in another way. */
  readonly requestOutput?: Output;
  /**
   * What becomes of a row whose prompt does not fit the model's context window. `"truncate"` needs prompts of
   * `promptStream` with `canShorten: true`. @default "fail"
   */
  readonly onContext?: OnContext;
  /** Choices for each row. Where the API gives one at a time, several requests are sent. @default 1 */
  readonly n?: number;
  /**
   * The most requests in flight at once, and how many there are from the second request on where no limit is known.
   * @default at most 10000; how many there are follows from the limits and the latency
   */
  readonly concurrency?: number;
  /** `"input"` keeps the order of the input; `"completion"` emits each row as soon as it is answered. @default "input" */
  readonly order?: "input" | "completion";
  /**
   * The most rows inside at once: in flight, waiting for an earlier row, or not yet read.
   * @default as many as fit in 64 MiB; with a journal in a file, rows that wait for a slow one wait on the disk
   */
  readonly window?: number;
  /** Rate limits that you know. What the server tells can only lower them. @default learned from responses */
  readonly limits?: RateLimits;
  /** A limiter shared with other pipelines; then `limits` is not used. */
  readonly limiter?: Limiter;
  /**
   * Whether requests mark what all prompts share, so that the server keeps it and sells it cheaper: at Anthropic, at
   * Bedrock to Claude, and at OpenAI from GPT-5.6 on. Others find out by themselves what requests share.
   * @default where it pays: at the vendor's own address, from two rows on
   */
  readonly promptCache?: boolean;
  /** The most that may be spent, or a budget shared with other pipelines; see `createBudget`. @default no limit */
  readonly budget?: BudgetLimits | Budget;
  /**
   * How many rows go into one request at most, each with its id, where they ask the same of different short texts. It
   * saves most of the input where the texts are shorter than what is asked of them. A row then stands beside others in
   * the model's sight, and can speak to it of them: not for texts of people who must not decide about each other. Rows
   * that get no answer so are asked alone. It needs an `output` with `grouped`, and `n: 1`. @default 1
   */
  readonly rowsPerRequest?: number;
  /** What tokens cost, in US dollars per million. @default the provider's, where it is known */
  readonly price?: Price;
  /** How many attempts a row gets, not counting those that were throttled. @default 10 */
  readonly maxAttempts?: number;
  /** How often a row with an unusable answer is asked again, with the error. @default 2 */
  readonly maxReasks?: number;
  /**
   * The longest time from sending a request to the last byte of its answer. @default 900000, as answers can take ten
   * minutes; after 100 answers ten times the slowest of them where that is less, but never less than 300000
   */
  readonly attemptTimeoutMs?: number;
  /** The longest time from a row's first request to its answer, with all waits. @default none */
  readonly rowTimeoutMs?: number;
  /** The longest time from the first row to the end of the run. @default none */
  readonly runTimeoutMs?: number;
  /**
   * The longest wait for a rate limit: that a server may ask for, in which it does nothing but throttle, or until a
   * known limit has room again. Then the run stops with `WAIT_TOO_LONG`. @default 3600000
   */
  readonly maxWaitMs?: number;
  /** The longest outage of the server that is waited out, with a probe every 5 s; then the run stops. @default 900000 */
  readonly maxOutageMs?: number;
  /**
   * How many rows in succession may be refused with the same words (HTTP 400 and the like), while nothing that was sent
   * after them is answered. Then a row is asked again that was answered before: where that is refused too, or there is
   * none, the run stops. 0 is without end. @default 20
   */
  readonly maxSameRefusals?: number;
  /** The most bytes of one response, decompressed. @default 33554432 */
  readonly maxResponseBytes?: number;
  /**
   * What a fatal cause (bad key, no credit) does once the requests in flight are done: `"error"` makes the streams
   * on both sides fail with it, `"close"` ends the stream as if the input were over, and leaves the cause in
   * `stopped`. @default "error"
   */
  readonly onStop?: "error" | "close";
  /**
   * Called with what happens in this run: rows, attempts, waits, limits. It must return soon, as the run waits for it. What
   * it throws stops the run. `subscribe` listens to all runs of the process instead. @default nothing is told
   */
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends everything at once, requests in flight included. */
  readonly signal?: AbortSignal;
  /** An undici dispatcher, for proxies and the like. @default one agent that the process shares */
  readonly dispatcher?: Dispatcher;
}

/** The most requests in flight where `concurrency` is not given. */
export const MAX_CONCURRENCY = 10_000;

/** Options that have a default. */
export type DefaultedOption =
  | "n"
  | "order"
  | "maxAttempts"
  | "maxReasks"
  | "maxWaitMs"
  | "maxOutageMs"
  | "maxSameRefusals"
  | "maxResponseBytes"
  | "onStop"
  | "onContext"
  | "reuse"
  | "askEqualOnce"
  | "rowsPerRequest";

/** {@linkcode CompletionOptions} with the defaults filled in and every number checked. */
export type ResolvedOptions = CompletionOptions &
  Required<Pick<CompletionOptions, DefaultedOption>> & {
    /** Tells what happens in the run. */
    readonly events: EventPublisher;
  };
