import type { IncomingHttpHeaders } from "node:http";

/** What is known of an image without looking at its pixels. */
export interface SimImage {
  /** Such as `image/png`. */
  readonly mediaType?: string;
  /** Of the URL, where the image is not in the request itself. */
  readonly host?: string;
}

/** One turn of the conversation, its text parts apart. */
export interface SimMessage {
  readonly role: "system" | "user" | "assistant";
  readonly parts: readonly string[];
  readonly images?: readonly SimImage[];
}

/** What the answer must look like. */
export type SimShape =
  | { readonly type: "text" }
  | { readonly type: "jsonObject" }
  | {
      readonly type: "jsonSchema";
      readonly schema: unknown;
      /** The tool whose arguments are wanted, where the request forces a call. */
      readonly tool?: string;
    };

/** A request for a completion, in one vocabulary for all dialects. */
export interface SimRequest {
  readonly model: string;
  readonly messages: readonly SimMessage[];
  /** Choices wanted. */
  readonly n: number;
  /** Most tokens each choice may have. */
  readonly maxTokens?: number;
  /** What a limiter sets aside for each choice where that is not `maxTokens`. */
  readonly reservedTokens?: number;
  /** Strings at which an answer ends. */
  readonly stop: readonly string[];
  readonly shape: SimShape;
  /** Whether the model tells its thoughts before the answer. */
  readonly thinks?: boolean;
  /** Whether what is too long for the context is cut off without a word. */
  readonly truncates?: boolean;
  /** The parameters as sent, under the dialect's own names; those of nested groups stand beside the others. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Why a choice ended; `"failed"` where the API gave up on it. */
export type SimFinish = "stop" | "length" | "contentFilter" | "refusal" | "failed";

/** One of the answers to a request. For a refusal, `text` is what the model says instead. */
export interface SimChoice {
  readonly text: string;
  readonly finish: SimFinish;
  /** What the model thought before. */
  readonly thinking?: string;
  /** The stop text that ended it. */
  readonly stopText?: string;
}

/** What comes back for a {@linkcode SimRequest}. */
export interface SimAnswer {
  /** 24 hexadecimal digits that follow from the request body. */
  readonly id: string;
  readonly model: string;
  readonly choices: readonly SimChoice[];
  readonly inputTokens: number;
  /** Of the texts; those of the thinking are apart. */
  readonly outputTokens: number;
  readonly thinkingTokens?: number;
  /** Of the input, those read from a cache. */
  readonly cachedTokens?: number;
  /** Whether the content is a list of parts where the API gives a text as a rule. */
  readonly contentIsList?: boolean;
}

/** What a rate limit counts; `"tokens"` are those of input and output together. */
export type LimitDimension = "requests" | "tokens" | "inputTokens" | "outputTokens";

/** What a request costs at a limit of tokens. */
export type ChargeRule =
  /** Its input on arrival, its output when produced. */
  | "actual"
  /** Its input and the most it may answer on arrival, with nothing given back. */
  | "maxTokens"
  /** Its input alone. */
  | "input";

/** An error answer, in one vocabulary for all dialects. */
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
      /** Absent where a script asked for a bare refusal. */
      readonly detail?: {
        readonly limit: number;
        readonly used: number;
        readonly requested: number;
        readonly waitMs: number;
      };
    }
  /** One request above the whole limit of tokens: waiting does not help. */
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
  /** `param`, `code` and `details` in the dialect's own words. */
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

/** Where one limit stands. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Until nothing is used of it. */
  readonly resetMs: number;
}

/** A response to send; `body` is sent as JSON. */
export interface SimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a request was sent to. */
export interface SimTarget {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** What a {@linkcode SimTarget} asks for. */
export type SimRoute =
  /** `model` where the path names it. */
  { readonly kind: "completion"; readonly model?: string } | { readonly kind: "models" };

/** How what a content filter did shows in one API; `"none"` where it has no filter. */
export interface FilterForms {
  readonly prompt: "error" | "none";
  /** Within the answer, as why it ended, or in its place. */
  readonly answer: "finish" | "error" | "none";
}

/** How one API speaks: pure functions, no I/O, no clock. */
export interface Dialect {
  readonly name: string;
  /** Where the API starts on its host, such as `/v1`. */
  readonly basePath: string;
  /** Whether requests must carry the key. @default true */
  readonly needsKey?: boolean;
  /** What its limiter charges where the options do not say. @default "actual" */
  readonly charge?: ChargeRule;
  /** Whether a refusal for the rate has the headers of the limits. @default true */
  readonly limitsOnRefusals?: boolean;
  /** @default `{ prompt: "error", answer: "finish" }` */
  readonly filters?: FilterForms;
  /** What a target asks for; `undefined` where the API has nothing there. */
  matchRoute(target: SimTarget): SimRoute | undefined;
  /** The API key a request carries. */
  readKey(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
  /** Reads and checks a request body as strictly as the real API. */
  readRequest(
    body: unknown,
    route: Extract<SimRoute, { kind: "completion" }>,
    target: SimTarget,
  ): { readonly request: SimRequest } | { readonly error: SimError };
  writeAnswer(answer: SimAnswer, request: SimRequest): SimResponse;
  writeModels(models: readonly string[]): SimResponse;
  /** @param id 24 hexadecimal digits that follow from the request body. */
  writeError(error: SimError, id: string): SimResponse;
  /**
   * Headers that tell the limits, and after a refusal how long to wait.
   *
   * @param timeMs The time of day, since 1970.
   */
  writeLimits(
    limits: Readonly<Partial<Record<LimitDimension, LimitState>>>,
    waitMs: number | undefined,
    timeMs: number,
  ): Readonly<Record<string, string>>;
}

/** A request that was read, or what the API says against it. */
export type Reading = ReturnType<Dialect["readRequest"]>;
