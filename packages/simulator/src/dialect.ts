import type { IncomingHttpHeaders } from "node:http";
import type { BatchApi, BatchCall } from "./batches/batch-api.ts";
import type { Caching } from "./caching/caching.ts";
import type { SimResponse, SimTarget } from "./sim-http.ts";

export type { SimResponse, SimTarget } from "./sim-http.ts";

/** What is known about an image without looking at its pixels. */
export interface SimImage {
  /** Such as `image/png`. */
  readonly mediaType?: string;
  /** The host of the URL, if the image is not in the request itself. */
  readonly host?: string;
}

/** One turn of the conversation. */
export interface SimMessage {
  readonly role: "system" | "user" | "assistant";
  readonly parts: readonly string[];
  readonly images?: readonly SimImage[];
  /** How many characters of its texts come before each mark for the prompt cache. @default it has none */
  readonly marks?: readonly number[];
}

/** The form that the answer must have. */
export type SimShape =
  | { readonly type: "text" }
  | { readonly type: "jsonObject" }
  | {
      readonly type: "jsonSchema";
      readonly schema: unknown;
      /** The tool whose arguments are wanted, if the request forces a call. */
      readonly tool?: string;
    };

/** A request for a completion, in one vocabulary for all dialects. */
export interface SimRequest {
  readonly model: string;
  readonly messages: readonly SimMessage[];
  /** The number of choices wanted. */
  readonly n: number;
  /** The most tokens that each choice may have. */
  readonly maxTokens?: number;
  /** The tokens that a limiter reserves for each choice, if that differs from `maxTokens`. */
  readonly reservedTokens?: number;
  /** The strings at which an answer ends. */
  readonly stop: readonly string[];
  readonly shape: SimShape;
  /** Whether the model tells its thoughts before the answer. */
  readonly thinks?: boolean;
  /** Whether the answer is asked for as a stream. */
  readonly streams?: boolean;
  /** Whether a prompt that is too long for the context is cut silently. */
  readonly truncates?: boolean;
  /** Which beginnings of the prompt the API keeps. @default none */
  readonly caching?: Caching;
  /** The parameters as they were sent, under the dialect's own names; those of nested groups are on the same level. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Why a choice ended; `"failed"` if the API gave up on it. */
export type SimFinish = "stop" | "length" | "contentFilter" | "refusal" | "failed";

/** One of the answers to a request. `text` may also be the words of a refusal. */
export interface SimChoice {
  readonly text: string;
  readonly finish: SimFinish;
  /** The model's thoughts before the text. */
  readonly thinking?: string;
  /** The stop text that ended it. */
  readonly stopText?: string;
}

/** The answer to a {@linkcode SimRequest}. */
export interface SimAnswer {
  /** 24 hexadecimal digits that follow from the request body. */
  readonly id: string;
  readonly model: string;
  readonly choices: readonly SimChoice[];
  readonly inputTokens: number;
  /** The tokens of the texts without those of the thoughts. */
  readonly outputTokens: number;
  readonly thinkingTokens?: number;
  /** The part of the input tokens that was read from a cache. */
  readonly cachedTokens?: number;
  /** The part of the input tokens that was written to a cache. */
  readonly cacheWriteTokens?: number;
  /** Whether the content is a list of parts although the API usually sends a text. */
  readonly contentIsList?: boolean;
}

/** What a rate limit counts; `"tokens"` are the tokens of input and output together. */
export type LimitDimension = "requests" | "tokens" | "inputTokens" | "outputTokens";

/** How a limit of tokens counts a request. */
export type ChargeRule =
  /** The input counts on arrival, the output when it is produced. */
  | "actual"
  /** The input and the most that the answer may have count on arrival, and are not corrected later. */
  | "maxTokens"
  /** Only the input counts. */
  | "input";

/** An error, in one vocabulary for all dialects. */
export type SimError =
  /** The API key is missing or wrong. */
  | { readonly kind: "auth"; readonly missing: boolean }
  | { readonly kind: "permission" }
  | { readonly kind: "pathNotFound"; readonly method: string; readonly path: string }
  | { readonly kind: "modelNotFound"; readonly model: string }
  | { readonly kind: "noCredit" }
  | {
      readonly kind: "rateLimit";
      readonly model: string;
      readonly dimension: LimitDimension;
      /** Absent if a script asked for the error. */
      readonly detail?: {
        readonly limit: number;
        /** @default a minute */
        readonly windowMs?: number;
        readonly used: number;
        readonly requested: number;
        readonly waitMs: number;
      };
    }
  /** One request needs more tokens than the whole limit has, so waiting does not help. */
  | {
      readonly kind: "requestTooLarge";
      readonly model: string;
      /** @default "tokens" */
      readonly dimension?: LimitDimension;
      readonly limit: number;
      readonly requested: number;
    }
  | { readonly kind: "bodyTooLarge"; readonly limitBytes: number }
  | { readonly kind: "bodyNotJson" }
  /** `param`, `code` and `details` are in the dialect's own words. */
  | {
      readonly kind: "badRequest";
      readonly message: string;
      readonly param?: string;
      readonly code?: string;
      /** @default 400 */
      readonly status?: number;
      readonly details?: unknown;
    }
  | { readonly kind: "unsupportedParameter"; readonly model: string; readonly param: string }
  | {
      readonly kind: "contextTooLong";
      readonly contextTokens: number;
      readonly inputTokens: number;
      readonly maxTokens?: number;
    }
  | { readonly kind: "contentFilter" }
  | { readonly kind: "serverError"; readonly status?: number }
  | { readonly kind: "overloaded"; readonly status?: number };

/** The state of one limit. */
export interface LimitState {
  readonly limit: number;
  /** @default a minute */
  readonly windowMs?: number;
  readonly remaining: number;
  /** The time until nothing of it is used. */
  readonly resetMs: number;
}

/** What an API has at a {@linkcode SimTarget}. */
export type SimRoute =
  /** `model` is present if the path names it, and `streams` if the path asks for a stream. */
  | { readonly kind: "completion"; readonly model?: string; readonly streams?: boolean }
  | { readonly kind: "models" }
  /** Files and jobs of many requests. */
  | { readonly kind: "batch"; readonly call: BatchCall };

/** How an API shows that its content filter acted; `"none"` if it has no filter. */
export interface FilterForms {
  readonly prompt: "error" | "none";
  /** As the answer's finish reason, or as an error instead of the answer. */
  readonly answer: "finish" | "error" | "none";
}

/** How an API streams its answers. */
export interface SimStream {
  readonly contentType: string;
  /** Writes the events of which an answer consists, in order. */
  write(body: unknown, request: SimRequest): readonly string[];
  /** Writes an error within a stream. */
  writeError(body: unknown): string;
}

/** One API as pure functions, without I/O and without a clock. */
export interface Dialect {
  readonly name: string;
  /** The path of the API on its host, such as `/v1`. */
  readonly basePath: string;
  /** Whether requests must carry the key. @default true */
  readonly needsKey?: boolean;
  /** How its limiter counts requests if the options do not say. @default "actual" */
  readonly charge?: ChargeRule;
  /** Whether input that is read from a cache counts. @default true */
  readonly countsCached?: boolean;
  /** Whether the refusal of a throttled request has the headers of the limits. @default true */
  readonly limitsOnRefusals?: boolean;
  /** @default `{ prompt: "error", answer: "finish" }` */
  readonly filters?: FilterForms;
  /** How the API takes many requests as one job. @default it does not */
  readonly batches?: BatchApi;
  /** Finds what the API has at a target, without its batches; `undefined` if it has nothing there. */
  matchRoute(target: SimTarget): SimRoute | undefined;
  /** Finds the API key of a request. */
  readKey(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
  /** Reads and checks a request body as strictly as the real API. */
  readRequest(
    body: unknown,
    route: Extract<SimRoute, { kind: "completion" }>,
    target: SimTarget,
  ): { readonly request: SimRequest } | { readonly error: SimError };
  writeAnswer(answer: SimAnswer, request: SimRequest): SimResponse;
  /** @default the API does not stream */
  readonly stream?: SimStream;
  writeModels(models: readonly string[]): SimResponse;
  /** @param id 24 hexadecimal digits that follow from the request body. */
  writeError(error: SimError, id: string): SimResponse;
  /**
   * Writes the headers that tell the limits and, after a refusal, how long to wait.
   *
   * @param timeMs The time in milliseconds since 1970.
   */
  writeLimits(
    limits: Readonly<Partial<Record<LimitDimension, LimitState>>>,
    waitMs: number | undefined,
    timeMs: number,
  ): Readonly<Record<string, string>>;
}

/** A request that was read, or the error that the API answers it with. */
export type Reading = ReturnType<Dialect["readRequest"]>;
