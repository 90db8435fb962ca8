import type { Completion, ErrorCode, FailureCode, OutputShape, Prompt, Usage } from "@parallel-parrot/core";
import type { Charge, LimitReading } from "@parallel-parrot/limiter";
import type { Price } from "./pricing/price.ts";

/** Sampling and length, in the vocabulary all providers share. Only what the user set is sent. */
export interface GenerationParams {
  readonly temperature?: number;
  readonly topP?: number;
  /** Most tokens the answer may have. */
  readonly maxTokens?: number;
  /** Strings at which the model stops. */
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** How much the model thinks before it answers; models know a part of these. */
  readonly reasoningEffort?: ReasoningEffort;
}

/** From no reasoning to the most there is. Each adapter says it in its API's words. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** One request to be: everything an adapter needs to build it. */
export interface Call {
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  readonly shape: OutputShape;
  /** Choices wanted from this one request; above 1 only where the provider has `nativeN`. */
  readonly n: number;
}

/**
 * Something the model or server refused and that requests now do without, such as `omit:temperature`. The
 * adapter names it in a rejection and understands it in `buildRequest`; the transport only remembers it.
 */
export type Amendment = string;

/** An HTTP request with no secret in it: it may be hashed, journaled and shown. */
export interface ProviderRequest {
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /**
   * Most output tokens that this very body allows, of all choices together and reasoning included; absent where
   * it carries no cap, or one that does not bound everything that is paid for.
   */
  readonly maxOutputTokens?: number;
}

/** A whole HTTP response. */
export interface ProviderResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Decompressed and decoded. */
  readonly body: string;
}

/** What one response says: an answer, or why there is none. */
export type ProviderAnswer =
  | { readonly ok: true; readonly completion: Omit<Completion, "attempts"> }
  | {
      readonly ok: false;
      readonly rejection: Rejection;
      /** What was paid for all the same, where the response tells. */
      readonly usage?: Usage;
    };

/**
 * Why there is no answer and what to do, the whole error policy in five verdicts:
 *
 * - `stop`: no row will ever be answered (bad key, no credit, unknown model); the run ends.
 * - `wait`: the server throttles or is overloaded; costs the row no attempt.
 * - `retry`: a passing fault; asked again with backoff, a bounded number of times.
 * - `amend`: ask again without what was refused.
 * - `fail`: this row alone cannot be answered.
 */
export type Rejection = {
  /** What the server said, shortened; no secret. */
  readonly message: string;
  /** The server's wish, counted from its response. */
  readonly retryAfterMs?: number;
  /** With the code `CONTEXT_TOO_LONG`: what the response tells of how long it is and how long it may be. */
  readonly contextSize?: ContextSize;
} & (
  | { readonly verdict: "stop"; readonly code: ErrorCode }
  | { readonly verdict: "wait" | "retry" | "fail"; readonly code: FailureCode }
  | { readonly verdict: "amend"; readonly code: FailureCode; readonly amendment: Amendment }
);

/** What a refusal for the length of a prompt tells, in tokens as the server counts; what it does not tell is absent. */
export interface ContextSize {
  /** Most of the prompt, and of the answer where `answer` is told, together. */
  readonly allowed?: number;
  /** Those of the prompt. Absent too where the server has stopped counting at what is allowed. */
  readonly prompt?: number;
  /** Those kept for the answer, where they count. */
  readonly answer?: number;
  /** By how many it is too long. */
  readonly excess?: number;
}

/** What is known of a request before it is sent. */
export interface Estimate {
  readonly inputTokens: number;
  /** What answers have taken so far on average. */
  readonly expectedOutputTokens: number;
  /** The cap the request carries, where it has one. */
  readonly maxTokens?: number;
}

/** An image by its address, which the provider fetches, or by its bytes. */
export type ImageSource = "url" | "data";

/** What an API can do, as data: the transport decides by it and knows no provider's name. */
export interface Capabilities {
  /** Several choices from one request; where not, it is fanned out. */
  readonly nativeN: boolean;
  /**
   * The most the API can be held to for JSON: a schema, a tool whose arguments have the schema, some JSON object,
   * or nothing but words. Adapters step down by amendments.
   */
  readonly json: "schema" | "tool" | "object" | "instructions";
  /** How images in a prompt may be given; empty where none are taken. */
  readonly images: readonly ImageSource[];
  /** Where rate limits are read from: headers, where the server sends them, the bodies of refusals, or nowhere. */
  readonly limits: "headers" | "body" | "none";
}

/**
 * One LLM API: pure functions, no I/O. A request is built, authorised just before each attempt, and its
 * response read; nothing of the dialect is known outside.
 */
export interface Provider {
  /** Short name of the dialect or vendor, such as `openai`. */
  readonly name: string;
  readonly model: string;
  /** Where requests go, without credentials. */
  readonly baseUrl: string;
  readonly capabilities: Capabilities;
  /** What this model costs at this server, where that is known. */
  readonly price?: Price;
  /**
   * Builds the request. The same arguments give the same bytes.
   *
   * @throws PromptError where this provider cannot be asked this: the row fails and nothing is sent
   */
  buildRequest(call: Call, amendments: ReadonlySet<Amendment>): ProviderRequest;
  /** Headers with the credentials, computed for each attempt (signatures and tokens go stale). */
  authorize(
    request: ProviderRequest,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * Sends a request in place of HTTP, for what answers in this process. Whatever goes wrong there is a response
   * too, for `readResponse` to judge; it rejects only where the signal ends it. A time limit ends the signal.
   *
   * @default the transport posts the request to its URL
   */
  send?(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse>;
  /**
   * Reads a response of any status. `amendments` are those the request was built with. An answer is read from
   * status and body alone: a stored one is read again without its headers.
   */
  readResponse(response: ProviderResponse, amendments: ReadonlySet<Amendment>): ProviderAnswer;
  /** Limits told by the headers or the body; empty where it says nothing. */
  readLimits(response: ProviderResponse): readonly LimitReading[];
  /** What the server's limiter takes when the request arrives. */
  chargeUpFront(estimate: Estimate): Charge;
  /** What it has taken in the end. */
  chargeAfter(
    estimate: Estimate,
    usage: {
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly cachedInputTokens: number;
    },
  ): Charge;
}
