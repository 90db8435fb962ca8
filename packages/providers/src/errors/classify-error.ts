import { findAmendment } from "./find-amendment.ts";
import { readContextSize } from "./context-size.ts";
import type { ErrorBody } from "./error-body.ts";
import type { Amendment, ProviderResponse, Rejection } from "../provider.ts";
import { headerOf, readRetryAfterMs } from "../limits/retry-after.ts";

/** A verdict and its code, without the server's message. */
export type Judgement = WithoutMessage<Rejection>;
/** Distributes over the union, so that each member keeps its own fields. */
type WithoutMessage<R> = R extends Rejection ? Omit<R, "message"> : never;

/** Judges the errors of one server; `undefined` leaves the judgement to the common rules. */
export type ErrorRule = (
  status: number,
  error: ErrorBody,
  context: Pick<ErrorContext, "response" | "amendments">,
) => Judgement | undefined;

/** Codes of a 429 that waiting does not help against. Source: OpenAI help articles 5955604 and 6614457. */
const NO_CREDIT = new Set([
  "insufficient_quota",
  "credit_balance_exhausted",
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "organization_usage_limit_exceeded",
  "billing_hard_limit_reached",
  "billing_not_active",
]);
const OVERLOADED = new Set(["server_is_overloaded", "slow_down", "resource_unavailable", "overloaded_error"]);
const CONTENT = new Set(["content_filter", "content_policy_violation", "invalid_prompt"]);
/** DeepSeek's words for a filtered prompt, at its own address and behind gateways. */
const CONTENT_WORDS = /^content exists risk\b/i;

/** The words for a prompt that is too long, of all servers that speak an OpenAI dialect. */
const TOO_LONG =
  /context.(?:length|window|size)|exceed_context|maximum (?:context|model length|prompt length)|input tokens exceed|`max_new_tokens` must be|`inputs` must have less than|range of input length should be/i;

/** What the judgement depends on besides the error itself. */
export interface ErrorContext {
  readonly response: ProviderResponse;
  readonly amendments: ReadonlySet<Amendment>;
  readonly rule?: ErrorRule | undefined;
  /** Whether system messages may also be sent with the role of the developer. @default false */
  readonly hasDeveloper?: boolean;
}

/** The verdict on an error, by the server's own rule and else by those of the OpenAI dialects. */
export function classifyError(status: number, error: ErrorBody, context: ErrorContext): Rejection {
  const { response, rule } = context;
  const retryAfterMs = readRetryAfterMs(response, error.message);
  const own = rule?.(status, error, context);
  const rejection: Rejection = {
    message: `HTTP ${status}${error.code === "" ? "" : ` ${error.code}`}: ${error.message || "no message"}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(own ?? classify(status, error, context, retryAfterMs)),
  };
  const judged =
    own === undefined ? obeyShouldRetry(headerOf(response, "x-should-retry"), rejection) : rejection;
  if (judged.code !== "CONTEXT_TOO_LONG") return judged;
  return { ...judged, contextSize: readContextSize(error.message, response) };
}

function classify(
  status: number,
  error: ErrorBody,
  context: ErrorContext,
  retryAfterMs: number | undefined,
): Judgement {
  if (
    NO_CREDIT.has(error.code) ||
    NO_CREDIT.has(error.type) ||
    error.code === "blocked_api_access" ||
    status === 402
  ) {
    return { verdict: "stop", code: "NO_CREDIT" };
  }
  if (status === 401 || error.code === "invalid_api_key" || isBadKey(status, error))
    return { verdict: "stop", code: "AUTHENTICATION" };
  if (status === 403) return classifyForbidden(error);
  if (status === 404)
    return { verdict: "stop", code: isAboutModel(error) ? "MODEL_NOT_FOUND" : "NOT_THE_API" };
  if (status === 413) return { verdict: "fail", code: "REQUEST_TOO_LARGE" };
  if (status === 429) return classifyThrottle(error);
  if (status === 529 || status === 498 || OVERLOADED.has(error.code))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status === 503 && retryAfterMs !== undefined) return { verdict: "wait", code: "RATE_LIMITED" };
  if (status >= 500 || status === 408 || status === 409 || status === 424 || status === 425) {
    return { verdict: "retry", code: "SERVER_ERROR" };
  }
  return classifyBadRequest(error, context);
}

/** Some servers answer a wrong key with the status of a malformed request. */
function isBadKey(status: number, { message }: ErrorBody): boolean {
  return status === 400 && /^(?:incorrect|invalid) api key/i.test(message);
}

/** A key without permission concerns every row; a prompt that was flagged concerns only its own row. */
function classifyForbidden(error: ErrorBody): Judgement {
  const isContent =
    CONTENT.has(error.code) || /moderat|flagged|content polic|usage guidelines/i.test(error.message);
  return isContent ? { verdict: "fail", code: "CONTENT_FILTERED" } : { verdict: "stop", code: "PERMISSION" };
}

function classifyThrottle(error: ErrorBody): Judgement {
  // This one request needs more tokens than a whole minute has, so waiting does not help.
  if (/request too large/i.test(error.message)) return { verdict: "fail", code: "REQUEST_TOO_LARGE" };
  return { verdict: "wait", code: "RATE_LIMITED" };
}

function classifyBadRequest(error: ErrorBody, { amendments, hasDeveloper = false }: ErrorContext): Judgement {
  if (isUnknownModel(error)) return { verdict: "stop", code: "MODEL_NOT_FOUND" };
  if (error.code === "json_validate_failed") return { verdict: "retry", code: "INVALID_OUTPUT" };
  if (CONTENT.has(error.code) || CONTENT_WORDS.test(error.message))
    return { verdict: "fail", code: "CONTENT_FILTERED" };
  if (TOO_LONG.test(`${error.code} ${error.type} ${error.message}`))
    return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  return amendOrFail(findAmendment(error, amendments, hasDeveloper));
}

/** The judgement on a refused request: it is asked again with the amendment, or it fails if there is none. */
export function amendOrFail(amendment: Amendment | undefined): Judgement {
  if (amendment === undefined) return { verdict: "fail", code: "BAD_REQUEST" };
  return { verdict: "amend", code: "BAD_REQUEST", amendment };
}

/** Not every server answers 404 for a model that it does not know. */
function isUnknownModel({ code, type, message }: ErrorBody): boolean {
  return (
    code === "model_not_found" ||
    type === "invalid_model" ||
    /\bis not a valid model\b|^model not (?:found|exist)/i.test(message)
  );
}

function isAboutModel(error: ErrorBody): boolean {
  return (
    error.code === "model_not_found" || /\bmodel\b/i.test(error.message) || /deployment/i.test(error.code)
  );
}

function obeyShouldRetry(header: string | undefined, rejection: Rejection): Rejection {
  const isRepeatable = rejection.verdict === "retry" || rejection.verdict === "wait";
  if (header === "false" && isRepeatable) return { ...rejection, verdict: "fail" };
  if (header === "true" && rejection.verdict === "fail") return { ...rejection, verdict: "retry" };
  return rejection;
}
