import type { Completion, ErrorCode, FailureCode, Usage } from "@parallel-parrot/core";
import type { LimitReading } from "@parallel-parrot/limiter";

/**
 * A change to requests after the model or server refused something, such as `omit:temperature`. The adapter names it in
 * a rejection and applies it in `buildRequest`; the transport only remembers it.
 */
export type Amendment = string;

/** An HTTP request without secrets: it may be hashed, stored in a journal and shown. */
export interface ProviderRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /**
   * The most output tokens that this body allows for all choices together, with their reasoning. Absent if the body
   * sets no limit, or one that does not bound everything that is paid for.
   */
  readonly maxOutputTokens?: number;
  /**
   * The same request for an answer in one piece and without marks for the prompt cache, if this one asks for a stream
   * or has marks: both have the same answer, and a journal finds it by this one.
   */
  readonly plain?: Pick<ProviderRequest, "url" | "body">;
  /** Whether the end of the prompt's prefix is marked, so that the server keeps it in its prompt cache. @default false */
  readonly isMarked?: true;
}

/** A whole HTTP response. */
export interface ProviderResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Decompressed and decoded. */
  readonly body: string;
}

/** What a response says: an answer, or why there is none. */
export type ProviderAnswer =
  | {
      readonly ok: true;
      readonly completion: Omit<Completion, "attempts">;
      /** The body that the answer has in one piece, if the response was a stream: a journal keeps this one. */
      readonly body?: string;
      /** What a person should know of how the response was read, in a whole sentence. It is told once in a run. */
      readonly notice?: string;
    }
  | {
      readonly ok: false;
      readonly rejection: Rejection;
      /** What has to be paid all the same, if the response tells it. */
      readonly usage?: Usage;
      /** The HTTP status that the body stands for, where the response is a refusal with a status of success. */
      readonly status?: number;
    };

/**
 * Why there is no answer, and what to do about it. There are five verdicts:
 *
 * - `stop`: no row can be answered (wrong key, no credit, unknown model), so the run ends.
 * - `wait`: the server throttles or is overloaded; this does not count as an attempt of the row.
 * - `retry`: the fault is transient; the request is repeated with backoff, a bounded number of times.
 * - `amend`: the request is repeated without what was refused.
 * - `fail`: this row cannot be answered; others can.
 */
export type Rejection = {
  /** The server's message, shortened and without secrets. */
  readonly message: string;
  /** How long the server asks to wait, counted from its response. */
  readonly retryAfterMs?: number;
  /** With the verdict `wait`: the limit that the response names. */
  readonly limit?: RefusedLimit;
  /** With the code `CONTEXT_TOO_LONG`: what the response tells about the prompt's length and its limit. */
  readonly contextSize?: ContextSize;
} & (
  | { readonly verdict: "stop"; readonly code: ErrorCode }
  | { readonly verdict: "wait" | "retry" | "fail"; readonly code: FailureCode }
  | {
      readonly verdict: "amend";
      readonly code: FailureCode;
      readonly amendment: Amendment;
      /** Whether only the form of the answer changes, such as one piece for a stream: it is the answer to the same request. */
      readonly keepsRequest?: true;
    }
);

/** A limit that a refusal names. */
export interface RefusedLimit extends Omit<LimitReading, "remaining"> {
  /**
   * How long it is until the limit begins anew, if that is known otherwise than by `retryAfterMs`: some servers ask to
   * wait seconds when the limit of a day is used up.
   */
  readonly resetMs?: number;
}

/** What a refusal tells of a prompt that is too long, in tokens as the server counts them. Each field may be absent. */
export interface ContextSize {
  /** The most that is allowed for the prompt, or for prompt and answer together if `answer` is present. */
  readonly allowed?: number;
  /** The length of the prompt. Also absent if the server stopped counting at the limit. */
  readonly prompt?: number;
  /** What is reserved for the answer, if it counts. */
  readonly answer?: number;
  /** By how much the prompt is too long. */
  readonly excess?: number;
}
