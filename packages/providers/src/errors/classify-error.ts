import { findAmendment } from "./find-amendment.ts";
import { readContextSize } from "./context-size.ts";
import { saysNoCredit } from "./no-credit.ts";
import { isLoadingModel } from "./model-loading.ts";
import { CONTENT_WORDS, TOO_LONG } from "./prompt-words.ts";
import { hasNoQuota, retryDelayMs } from "./quota-failure.ts";
import { refusedLimit } from "./refused-limit.ts";
import type { ErrorBody } from "./error-body.ts";
import type { Amendment, ProviderResponse, Rejection } from "../provider.ts";
import { headerOf, readRetryAfterMs } from "../limits/retry-after.ts";
import { judgeForm } from "./judge-form.ts";
import { judgeMarks } from "./judge-marks.ts";
import type { ErrorContext, Judgement } from "./judgement.ts";

const OVERLOADED = new Set(["server_is_overloaded", "slow_down", "resource_unavailable", "overloaded_error"]);
const CONTENT = new Set(["content_filter", "content_policy_violation", "invalid_prompt"]);

/**
 * The verdict on an error. An account without credit comes first, as servers say it with any status; then the server's
 * own rule and those of the OpenAI dialects.
 */
export function classifyError(status: number, error: ErrorBody, context: ErrorContext): Rejection {
  const { response, rule } = context;
  const retryAfterMs = retryDelayMs(error.details) ?? readRetryAfterMs(response, error.message);
  const own = isNoCredit(status, error, response)
    ? NO_CREDIT
    : (judgeMarks(status, error, context) ??
      judgeForm(status, error, context) ??
      rule?.(status, error, context));
  const rejection: Rejection = {
    message: messageOf(response.status, error),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(own ?? classify(status, error, context, retryAfterMs)),
  };
  const judged =
    own === undefined ? obeyShouldRetry(headerOf(response, "x-should-retry"), rejection) : rejection;
  if (judged.verdict === "wait") {
    const limit = refusedLimit(error, response);
    return limit === undefined ? judged : { ...judged, limit };
  }
  if (judged.code !== "CONTEXT_TOO_LONG") return judged;
  return { ...judged, contextSize: readContextSize(error.message, response) };
}

const NO_CREDIT: Judgement = { verdict: "stop", code: "NO_CREDIT" };

/** With a time after which to ask again, a sentence about money is one about a limit that passes. */
function isNoCredit(status: number, error: ErrorBody, response: ProviderResponse): boolean {
  const passes = status === 429 && headerOf(response, "retry-after") !== undefined;
  return saysNoCredit(passes ? { ...error, message: "" } : error) || hasNoQuota(status, error);
}

/** What only repeats the status is left out: a code, a type, or the beginning of the message. */
function messageOf(status: number, { code, type, message }: ErrorBody): string {
  const word = code === String(status) ? "" : code || type;
  const said = message.replace(new RegExp(`^(?:HTTP )?${status}(?:[:,-]|\\s)\\s*`, "i"), "");
  const name = word === "" || word === String(status) ? "" : ` ${word}`;
  return `HTTP ${status}${name}: ${said || message || "no message"}`;
}

function classify(
  status: number,
  error: ErrorBody,
  context: ErrorContext,
  retryAfterMs: number | undefined,
): Judgement {
  if (status === 402) return NO_CREDIT;
  if (status === 401 || error.code === "invalid_api_key" || isBadKey(status, error))
    return { verdict: "stop", code: "AUTHENTICATION" };
  if (status === 403) return classifyForbidden(error);
  // Hugging Face says of a model that it has retired that it is gone.
  if (status === 404 || status === 410)
    return { verdict: "stop", code: isAboutModel(error) ? "MODEL_NOT_FOUND" : "NOT_THE_API" };
  // A proxy on the way wants a user name and password.
  if (status === 407) return { verdict: "stop", code: "UNREACHABLE" };
  if (status === 413) return { verdict: "fail", code: "REQUEST_TOO_LARGE" };
  if (status === 429) return classifyThrottle(error);
  if (isLoadingModel(status, error, context.response)) return { verdict: "retry", code: "MODEL_LOADING" };
  if (status === 529 || status === 498 || OVERLOADED.has(error.code) || OVERLOADED.has(error.type))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status === 503 && retryAfterMs !== undefined) return { verdict: "wait", code: "RATE_LIMITED" };
  if (status >= 500 || status === 408 || status === 409 || status === 424 || status === 425) {
    return { verdict: "retry", code: "SERVER_ERROR" };
  }
  return classifyBadRequest(error, context);
}

/** Some servers answer a wrong key with the status of a malformed request. */
function isBadKey(status: number, { message, details = [] }: ErrorBody): boolean {
  if (status !== 400) return false;
  return details.some(({ reason }) => reason === "API_KEY_INVALID") || BAD_KEY.test(message);
}

const BAD_KEY = /^(?:incorrect|invalid) api key|^api key (?:not valid|not found|expired)/i;

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

/** OpenRouter says of a model that nobody offers, or not for this request: "No endpoints found that support …". */
const ABOUT_MODEL = /\bmodel\b|\bno (?:endpoints|allowed providers)\b/i;

function isAboutModel(error: ErrorBody): boolean {
  return (
    error.code === "model_not_found" || ABOUT_MODEL.test(error.message) || /deployment/i.test(error.code)
  );
}

function obeyShouldRetry(header: string | undefined, rejection: Rejection): Rejection {
  const isRepeatable = rejection.verdict === "retry" || rejection.verdict === "wait";
  if (header === "false" && isRepeatable) return { ...rejection, verdict: "fail" };
  if (header === "true" && rejection.verdict === "fail") return { ...rejection, verdict: "retry" };
  return rejection;
}
