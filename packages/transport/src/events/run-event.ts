import type { Completion, ErrorCode, FailureCode, Usage } from "@parallel-parrot/core";
import type { LimitState } from "@parallel-parrot/limiter";
import type { Call, Rejection } from "@parallel-parrot/providers";

/** The run that an event belongs to: the same object in all its events. */
export interface EventRun {
  /** Its number among the runs of this process, beginning with 1. */
  readonly id: number;
  /** The name of the provider, such as `openai`; of a pool, `pool`. */
  readonly provider: string;
  readonly model: string;
}

/**
 * The row that an event belongs to: the same object in all its events, so that a listener may keep something by it. Its
 * numbers go on while the row is asked.
 */
export interface EventRow {
  /** 0-based position in the input; `undefined` for a request that belongs to no row, or to several. */
  readonly index: number | undefined;
  /** Requests sent for it so far by this run. */
  readonly attempts: number;
  /** Requests that earlier runs, or equal rows, have sent for what was found in the journal. */
  readonly attemptsBefore: number;
  /** What was paid for it so far, by earlier runs too. */
  readonly usage: Usage;
}

/** What every event has. */
export interface EventBase<Type extends string> {
  readonly type: Type;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly run: EventRun;
}

/** A row is taken up, to be found in the journal or asked for. */
export interface RowStart extends EventBase<"row:start"> {
  readonly row: EventRow;
}

/** A row is done with: it was answered, or has failed. */
export interface RowEnd extends EventBase<"row:end"> {
  readonly row: EventRow;
  readonly outcome: "completed" | "failed";
  /** Why it failed; `undefined` where it did not. */
  readonly code: FailureCode | undefined;
  readonly message: string | undefined;
  /** Its answer; `undefined` where it failed. */
  readonly completion: Completion | undefined;
  readonly durationMs: number;
}

/** Sends a request inside of something, such as the context of a trace, and returns what sending it returns. */
export type SendWrap = <T>(send: () => T) => T;

/** A request is about to be sent, and has its turn at the rate limit. */
export interface AttemptStart extends EventBase<"attempt:start"> {
  /** Whose attempts it is one of: a row, or where several are asked in one request, one without index for all of them. */
  readonly row: EventRow;
  /** The rows that are asked for: one, or several in one request; none for a request that only tests a server. */
  readonly rows: readonly EventRow[];
  /** Whom it is sent to, which for a pool is one of its members. */
  readonly provider: string;
  readonly model: string;
  /** Where the API is; `undefined` for a model in the process. */
  readonly baseUrl: string | undefined;
  /** Its number among the requests of the row, beginning with 1. */
  readonly attempt: number;
  /** What is asked: the prompt, the parameters, the wanted shape, the number of choices. */
  readonly call: Call;
  /** Has the request sent inside of `wrap`. To be called before the listener returns. */
  sendWithin(wrap: SendWrap): void;
}

/** What became of a request: it was `answered`, has failed with a verdict, or was `aborted` together with the run. */
export type AttemptOutcome = "answered" | Rejection["verdict"] | "aborted";

/** A request that was sent is over. */
export interface AttemptEnd extends EventBase<"attempt:end"> {
  /** As in its `attempt:start`. */
  readonly row: EventRow;
  readonly rows: readonly EventRow[];
  readonly provider: string;
  readonly model: string;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  /** Why there is no answer; `undefined` where there is one. */
  readonly code: FailureCode | ErrorCode | undefined;
  readonly message: string | undefined;
  /** The HTTP status; `undefined` where no response came. */
  readonly status: number | undefined;
  /** What it took, as the server tells it; `undefined` where no response came. */
  readonly usage: Usage | undefined;
  /** In US dollars; `undefined` where no response came or the price is not known. */
  readonly cost: number | undefined;
  /** What the answer says; `undefined` where there is none. */
  readonly completion: Pick<Completion, "choices" | "model"> | undefined;
  readonly durationMs: number;
}

/** What a row has waited for: the first row, its turn at the rate limit, room in the budget, the server, or a while. */
export type WaitReason = "first-row" | "limit" | "budget" | "outage" | "backoff";

/** A row has waited, for a millisecond or longer. */
export interface WaitEnd extends EventBase<"wait"> {
  /** As in an `attempt:start`. */
  readonly row: EventRow;
  readonly rows: readonly EventRow[];
  readonly reason: WaitReason;
  readonly durationMs: number;
}

/** The rate limits of a server have become known, or others. */
export interface LimitChange extends EventBase<"limit"> {
  readonly provider: string;
  readonly model: string;
  readonly limits: readonly LimitState[];
}

/** Fewer requests are sent than before, as the server has refused some or has become slow. */
export interface LimitCut extends EventBase<"cut"> {
  readonly provider: string;
  readonly model: string;
  /** Requests that may be in flight now, and before. */
  readonly concurrency: number;
  readonly concurrencyBefore: number;
  /** Requests a minute that refusals have shown, now and before; `undefined` where they have shown none. */
  readonly perMinute: number | undefined;
  readonly perMinuteBefore: number | undefined;
}

/**
 * The server, or a member of a pool, is taken to be away (`open`: nothing is sent to it but a request every few seconds),
 * or answers again (`closed`).
 */
export interface BreakerChange extends EventBase<"breaker"> {
  readonly state: "open" | "closed";
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string | undefined;
  /** The last failure; `undefined` where it answers. */
  readonly message: string | undefined;
}

/** An answer cannot be used, and the row is asked again with what is wrong with it. */
export interface Reask extends EventBase<"reask"> {
  readonly row: EventRow;
  /** How many times the row was asked again, this time included. */
  readonly number: number;
  /** What is wrong with the answer. */
  readonly problem: string;
}

/** The answer to a request, or its refusal, was in the journal. Nothing is sent. */
export interface JournalHit extends EventBase<"journal:hit"> {
  readonly row: EventRow;
  readonly provider: string;
  readonly model: string;
}

/** A job at a batch API has changed its state. */
export interface BatchJobChange extends EventBase<"batch:job"> {
  /** Its number in the journal. */
  readonly job: number;
  /** The id that the provider has given it; `undefined` until it is made. */
  readonly remote: string | undefined;
  readonly state: string;
  readonly requests: number;
  /** What went wrong with it last. */
  readonly error: string | undefined;
}

/** What happens in a run, as it is told on `node:diagnostics_channel` and to `onEvent`. */
export type RunEvent =
  | RowStart
  | RowEnd
  | AttemptStart
  | AttemptEnd
  | WaitEnd
  | LimitChange
  | LimitCut
  | BreakerChange
  | Reask
  | JournalHit
  | BatchJobChange;

export type EventType = RunEvent["type"];

/** The event of a type. */
export type EventOf<Type extends EventType> = Extract<RunEvent, { readonly type: Type }>;
