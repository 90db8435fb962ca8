import type { IncomingHttpHeaders } from "node:http";

/** One turn of the conversation, its text parts apart. */
export interface SimMessage {
  readonly role: "system" | "user" | "assistant";
  readonly parts: readonly string[];
}

/** What the answer must look like. */
export type SimShape =
  | { readonly type: "text" }
  | { readonly type: "jsonObject" }
  | { readonly type: "jsonSchema"; readonly schema: unknown };

/** A request for a completion, in one vocabulary for all dialects. */
export interface SimRequest {
  readonly model: string;
  readonly messages: readonly SimMessage[];
  /** Choices wanted. */
  readonly n: number;
  /** Most tokens each choice may have. */
  readonly maxTokens?: number;
  /** Strings at which an answer ends. */
  readonly stop: readonly string[];
  readonly shape: SimShape;
  /** The parameters as sent, under the dialect's own names. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** Why a choice ended. */
export type SimFinish = "stop" | "length" | "contentFilter" | "refusal";

/** One of the answers to a request. For a refusal, `text` is what the model says instead. */
export interface SimChoice {
  readonly text: string;
  readonly finish: SimFinish;
}

/** What comes back for a {@linkcode SimRequest}. */
export interface SimAnswer {
  /** 24 hexadecimal digits that follow from the request body. */
  readonly id: string;
  readonly model: string;
  readonly choices: readonly SimChoice[];
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What a rate limit counts. */
export type LimitDimension = "requests" | "tokens";

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
      readonly limit: number;
      readonly requested: number;
    }
  | { readonly kind: "bodyTooLarge"; readonly limitBytes: number }
  | { readonly kind: "bodyNotJson" }
  /** `param` and `code` in the dialect's own words. */
  | { readonly kind: "badRequest"; readonly message: string; readonly param?: string; readonly code?: string }
  | { readonly kind: "unsupportedParameter"; readonly model: string; readonly param: string }
  | {
      readonly kind: "contextTooLong";
      readonly contextTokens: number;
      readonly inputTokens: number;
      readonly maxTokens?: number;
    }
  | { readonly kind: "contentFilter" }
  | { readonly kind: "serverError" }
  | { readonly kind: "overloaded" };

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
}

/** What a {@linkcode SimTarget} asks for. */
export type SimRoute =
  /** `model` where the path names it. */
  { readonly kind: "completion"; readonly model?: string } | { readonly kind: "models" };

/** How one API speaks: pure functions, no I/O, no clock. */
export interface Dialect {
  readonly name: string;
  /** Where the API starts on its host, such as `/v1`. */
  readonly basePath: string;
  /** What a target asks for; `undefined` where the API has nothing there. */
  matchRoute(target: SimTarget): SimRoute | undefined;
  /** The API key a request carries. */
  readKey(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
  /** Reads and checks a request body as strictly as the real API. */
  readRequest(
    body: unknown,
    route: Extract<SimRoute, { kind: "completion" }>,
  ): { readonly request: SimRequest } | { readonly error: SimError };
  writeAnswer(answer: SimAnswer, request: SimRequest): SimResponse;
  writeModels(models: readonly string[]): SimResponse;
  writeError(error: SimError): SimResponse;
  /** Headers that tell the limits, and after a refusal how long to wait. */
  writeLimits(
    limits: Readonly<Partial<Record<LimitDimension, LimitState>>>,
    waitMs: number | undefined,
  ): Readonly<Record<string, string>>;
}
