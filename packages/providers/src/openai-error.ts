import { readRetryAfterMs, headerOf } from "./retry-after.ts";
import type { Amendment, ProviderResponse, Rejection } from "./provider.ts";

/** The fields of an error body, however the server nests them. */
export interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly type: string;
  readonly param: string;
}

/** Codes of a 429 that no waiting mends. Source: OpenAI help articles 5955604 and 6614457. */
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
const PARAMETERS = [
  "max_completion_tokens",
  "max_tokens",
  "response_format",
  "temperature",
  "top_p",
  "seed",
  "stop",
  "reasoning_effort",
  "n",
];

/** Reads the error object of the OpenAI dialect and its relatives. */
export function readErrorBody(body: unknown): ErrorBody {
  const outer = record(body);
  const error = record(outer["error"]);
  const field = (name: string): string => text(error[name]) || text(outer[name]);
  const plain = typeof outer["error"] === "string" ? outer["error"] : "";
  return {
    message: field("message") || plain || text(outer["detail"]),
    code: field("code"),
    type: field("type"),
    param: field("param"),
  };
}

/** The verdict on a response of the OpenAI dialect that is an error. */
export function classifyError(
  status: number,
  error: ErrorBody,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): Rejection {
  const retryAfterMs = readRetryAfterMs(response, error.message);
  const base = {
    message: `HTTP ${status}${error.code === "" ? "" : ` ${error.code}`}: ${error.message || "no message"}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  const rejection = classify(status, error, base, amendments);
  return obeyShouldRetry(headerOf(response, "x-should-retry"), rejection);
}

type Base = Pick<Rejection, "message" | "retryAfterMs">;

function classify(
  status: number,
  error: ErrorBody,
  base: Base,
  amendments: ReadonlySet<Amendment>,
): Rejection {
  if (
    NO_CREDIT.has(error.code) ||
    NO_CREDIT.has(error.type) ||
    error.code === "blocked_api_access" ||
    status === 402
  ) {
    return { ...base, verdict: "stop", code: "NO_CREDIT" };
  }
  if (status === 401 || error.code === "invalid_api_key")
    return { ...base, verdict: "stop", code: "AUTHENTICATION" };
  if (status === 403) return classifyForbidden(error, base);
  if (status === 404)
    return { ...base, verdict: "stop", code: isAboutModel(error) ? "MODEL_NOT_FOUND" : "NOT_THE_API" };
  if (status === 413) return { ...base, verdict: "fail", code: "REQUEST_TOO_LARGE" };
  if (status === 429) return classifyThrottle(error, base);
  if (status === 529 || status === 498 || OVERLOADED.has(error.code))
    return { ...base, verdict: "wait", code: "RATE_LIMITED" };
  if (status === 503 && base.retryAfterMs !== undefined)
    return { ...base, verdict: "wait", code: "RATE_LIMITED" };
  if (status >= 500 || status === 408 || status === 409 || status === 424 || status === 425) {
    return { ...base, verdict: "retry", code: "SERVER_ERROR" };
  }
  return classifyBadRequest(error, base, amendments);
}

/** A key without permission concerns every row; a prompt that a moderation refused concerns one. */
function classifyForbidden(error: ErrorBody, base: Base): Rejection {
  const isContent = CONTENT.has(error.code) || /moderat|flagged|content polic/i.test(error.message);
  return isContent
    ? { ...base, verdict: "fail", code: "CONTENT_FILTERED" }
    : { ...base, verdict: "stop", code: "PERMISSION" };
}

function classifyThrottle(error: ErrorBody, base: Base): Rejection {
  // The one request is larger than a whole minute's tokens: no waiting helps.
  if (/request too large/i.test(error.message))
    return { ...base, verdict: "fail", code: "REQUEST_TOO_LARGE" };
  return { ...base, verdict: "wait", code: "RATE_LIMITED" };
}

function classifyBadRequest(error: ErrorBody, base: Base, amendments: ReadonlySet<Amendment>): Rejection {
  if (error.code === "model_not_found") return { ...base, verdict: "stop", code: "MODEL_NOT_FOUND" };
  if (error.code === "json_validate_failed") return { ...base, verdict: "retry", code: "INVALID_OUTPUT" };
  if (CONTENT.has(error.code)) return { ...base, verdict: "fail", code: "CONTENT_FILTERED" };
  if (
    /context.length|context_window|exceed_context|maximum context/i.test(
      `${error.code} ${error.type} ${error.message}`,
    )
  ) {
    return { ...base, verdict: "fail", code: "CONTEXT_TOO_LONG" };
  }
  const amendment = findAmendment(error, amendments);
  if (amendment !== undefined) return { ...base, verdict: "amend", code: "BAD_REQUEST", amendment };
  return { ...base, verdict: "fail", code: "BAD_REQUEST" };
}

/** The next thing to do without, where the error names a parameter that was refused. */
function findAmendment(error: ErrorBody, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  const parameter = refusedParameter(error);
  const next = (...steps: Amendment[]): Amendment | undefined => steps.find((step) => !amendments.has(step));
  switch (parameter) {
    case undefined:
      return undefined;
    case "response_format":
      return next("json:object", "json:instructions");
    case "max_tokens":
      return next("use:max_completion_tokens", "omit:max_tokens");
    case "max_completion_tokens":
      return next("use:max_tokens", "omit:max_tokens");
    default:
      return next(`omit:${parameter}`);
  }
}

/**
 * The parameter that an error refuses. Only where the error says so in a field, or names the parameter in
 * quotes or as one: a message may echo words of the prompt.
 */
function refusedParameter(error: ErrorBody): string | undefined {
  const isUnsupported = error.code === "unsupported_parameter" || error.code === "unsupported_value";
  if (!isUnsupported && !REFUSAL_WORDS.test(error.message)) return undefined;
  const root = error.param.split(/[.[]/)[0] ?? "";
  if (PARAMETERS.includes(root)) return root;
  if (/json_schema|json_object|response_format/i.test(error.message)) return "response_format";
  return PARAMETERS.find((name) => isNamed(name, error.message));
}

const REFUSAL_WORDS =
  /unsupported|not supported|not allowed|unknown|unrecognized|unexpected|does not support|deprecated|extra inputs|not permitted|not enabled|invalid schema/i;

function isNamed(parameter: string, message: string): boolean {
  const quoted = ['"', "'", "`"].some((quote) => message.includes(`${quote}${parameter}${quote}`));
  return (
    quoted ||
    new RegExp(
      `\\b(?:parameter|argument|field)s?:? ${parameter}\\b|\\b${parameter} (?:parameter|argument|field)\\b`,
      "i",
    ).test(message)
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

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return Array.isArray(value) ? JSON.stringify(value) : "";
}
