import type { Completion, ErrorCode, FailureCode, OutputShape, Prompt, Usage } from "@parallel-parrot/core";
import type { Charge, LimitReading } from "@parallel-parrot/limiter";
import type { GenerationParams, ParamName } from "./generation-params.ts";
import type { Price } from "./pricing/price.ts";

/** Everything that an adapter needs to build one request. */
export interface Call {
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  readonly shape: OutputShape;
  /** The number of choices wanted from this one request; above 1 only if the provider has `nativeN`. */
  readonly n: number;
}

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
   * The same request for an answer in one piece, if this one asks for a stream: both have the same answer, and a journal
   * finds it by this one.
   */
  readonly plain?: Pick<ProviderRequest, "url" | "body">;
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

/** An estimate of a request's tokens before it is sent. */
export interface Estimate {
  readonly inputTokens: number;
  /** The average of the answers so far. */
  readonly expectedOutputTokens: number;
  /** The limit of output tokens that the request sets, if any. */
  readonly maxTokens?: number;
}

/** How a server is asked for the number of requests that it works on at once. */
export interface ServerCapacity {
  /** The address to get. It is asked once, after the first answer, with the credentials of that request. */
  readonly url: string;
  /** Reads the number; `undefined` if the response does not tell it. */
  read(response: ProviderResponse): number | undefined;
}

/** An image by its address, which the provider fetches, or by its bytes. */
export type ImageSource = "url" | "data";

/** What an API can do, as data: the transport decides by it and does not know providers by name. */
export interface Capabilities {
  /** Whether one request can ask for several choices. If not, each choice is a request of its own. */
  readonly nativeN: boolean;
  /**
   * The strictest way in which the API can be asked for JSON: by a schema, by a tool whose arguments have the schema,
   * by a mode for any JSON object, or by words alone. Amendments lead from one way to the next.
   */
  readonly json: "schema" | "tool" | "object" | "instructions";
  /** How images in a prompt may be given; empty if the API accepts no images. */
  readonly images: readonly ImageSource[];
  /** Where rate limits are told: in headers, in the bodies of refusals, or nowhere. */
  readonly limits: "headers" | "body" | "none";
  /** The parameters that the API has; any other is not sent. A model may refuse some of them. @default all */
  readonly params?: readonly ParamName[];
}

/**
 * One LLM API as pure functions without I/O. They build a request, authorize it just before each attempt, and read its
 * response. Nothing outside knows the API's dialect.
 */
export interface Provider {
  /** Short name of the dialect or vendor, such as `openai`. */
  readonly name: string;
  readonly model: string;
  /** The address of the API, without credentials. */
  readonly baseUrl: string;
  /** What a person should know of how the options were understood, in whole sentences. @default nothing */
  readonly notes?: readonly string[];
  /** Where else the server may be, in a whole sentence: for a message that says that it is not here. @default unknown */
  readonly addressHint?: string;
  readonly capabilities: Capabilities;
  /** Where the server tells how many requests it works on at once. @default it does not tell */
  readonly capacity?: ServerCapacity;
  /** The most requests that it works on at once; further ones wait until their turn to be sent. @default any number */
  readonly concurrency?: number;
  /** What this model costs on this server, if that is known. */
  readonly price?: Price;
  /**
   * Builds the request. The same arguments give the same bytes.
   *
   * @throws PromptError if the provider cannot be asked this prompt: the row fails and nothing is sent
   */
  buildRequest(call: Call, amendments: ReadonlySet<Amendment>): ProviderRequest;
  /** The headers with the credentials, made for each attempt because signatures and tokens expire. */
  authorize(
    request: ProviderRequest,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * Answers a request in this process, without HTTP. An error is also a response, which `readResponse` judges; the
   * promise rejects only when the signal aborts. A time limit aborts the signal.
   *
   * @default the transport posts the request to its URL
   */
  send?(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse>;
  /**
   * Reads a response of any status. `amendments` are those that the request was built with. An answer is read from
   * status and body alone, because a stored answer is read again without its headers.
   */
  readResponse(response: ProviderResponse, amendments: ReadonlySet<Amendment>): ProviderAnswer;
  /** The limits that the headers or the body tell; empty if they tell none. */
  readLimits(response: ProviderResponse): readonly LimitReading[];
  /** What the server's limiter charges when the request arrives. */
  chargeUpFront(estimate: Estimate): Charge;
  /** What the server's limiter has charged in the end. */
  chargeAfter(
    estimate: Estimate,
    usage: {
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly cachedInputTokens: number;
    },
  ): Charge;
}
