import type { OutputShape, Prompt } from "@parallel-parrot/core";
import type { Charge, LimitReading } from "@parallel-parrot/limiter";
import type { BatchDialect } from "./batch/batch-dialect.ts";
import type { Amendment, ProviderAnswer, ProviderRequest, ProviderResponse } from "./exchange.ts";
import type { GenerationParams, ParamName } from "./generation-params.ts";
import type { Price } from "./pricing/price.ts";
import type { PromptCacheInfo } from "./prompt-cache/prompt-cache-info.ts";

export type {
  Amendment,
  ContextSize,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
  RefusedLimit,
  Rejection,
} from "./exchange.ts";

/** Everything that an adapter needs to build one request. */
export interface Call {
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  readonly shape: OutputShape;
  /** The number of choices wanted from this one request; above 1 only if the provider has `nativeN`. */
  readonly n: number;
}

/** An estimate of a request's tokens before it is sent. */
export interface Estimate {
  readonly inputTokens: number;
  /** How many of them are expected to be read from the prompt cache. @default 0 */
  readonly cachedInputTokens?: number;
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
  /** How the server keeps the beginning of prompts, as far as that is known. @default not known */
  readonly promptCache?: PromptCacheInfo;
  /** Why there is no `batch` where there can be one, and what to do, in a whole sentence. @default there can be none */
  readonly batchHint?: string;
  /**
   * How the API takes many requests as one job, for less and later. @default the API has no batches, or none that this
   * adapter knows
   */
  readonly batch?: BatchDialect;
  /**
   * Builds the request. The same arguments give the same bytes. Where the API takes marks for its prompt cache, the end
   * of the prompt's `prefix` is marked, if it has one.
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
