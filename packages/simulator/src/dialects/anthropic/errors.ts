import type { SimError, SimResponse } from "../../dialect.ts";
import { lookUpError, type ErrorTable } from "../error-table.ts";

const INVALID = { status: 400, type: "invalid_request_error" };
const RATE_LIMIT = { status: 429, type: "rate_limit_error" };

const LIMIT_NAMES = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

const ERRORS: ErrorTable = {
  auth: {
    status: 401,
    type: "authentication_error",
    message: ({ missing }) => (missing ? "x-api-key header is required" : "invalid x-api-key"),
  },
  permission: { status: 403, type: "permission_error" },
  pathNotFound: { status: 404, type: "not_found_error", message: () => "Not Found" },
  modelNotFound: { status: 404, type: "not_found_error" },
  noCredit: {
    status: 402,
    type: "billing_error",
    message: () => "Your credit balance is too low to access the Anthropic API.",
  },
  rateLimit: {
    ...RATE_LIMIT,
    message: ({ dimension, detail }) =>
      `This request would exceed your organization's rate limit of ` +
      `${detail === undefined ? "" : `${detail.limit} `}${LIMIT_NAMES[dimension]} per minute`,
  },
  requestTooLarge: {
    ...RATE_LIMIT,
    message: ({ limit, dimension = "tokens" }) =>
      `This request would exceed your organization's rate limit of ${limit} ${LIMIT_NAMES[dimension]} per minute`,
  },
  bodyTooLarge: {
    status: 413,
    type: "request_too_large",
    message: () => "Request exceeds the maximum size",
  },
  bodyNotJson: INVALID,
  badRequest: INVALID,
  unsupportedParameter: { ...INVALID, message: ({ param }) => `\`${param}\` is deprecated for this model.` },
  contextTooLong: {
    ...INVALID,
    message: ({ inputTokens, contextTokens, maxTokens = 0 }) =>
      inputTokens > contextTokens
        ? `prompt is too long: ${inputTokens} tokens > ${contextTokens} maximum`
        : `input length and \`max_tokens\` exceed context limit: ${inputTokens} + ${maxTokens} > ${contextTokens}, ` +
          "decrease input length or `max_tokens` and try again",
  },
  contentFilter: { ...INVALID, message: () => "Output blocked by content filtering policy" },
  serverError: { status: 500, type: "api_error" },
  overloaded: { status: 529, type: "overloaded_error" },
};

/** Writes an error as the Anthropic API does. */
export function writeAnthropicError(error: SimError, id: string): SimResponse {
  const { status, type, message } = lookUpError(ERRORS, error);
  const requestId = `req_${id}`;
  return {
    status,
    headers: { "request-id": requestId },
    body: { type: "error", error: { type, message }, request_id: requestId },
  };
}
