import { chatDialect } from "../dialect.ts";
import type { Dialect, SimError, SimResponse } from "../../../dialect.ts";
import { lookUpError, type ErrorTable } from "../../error-table.ts";

/** Chat completions of Fireworks AI, whose headers have separate limits for the tokens of prompts and of answers. */
export const fireworksDialect: Dialect = {
  ...chatDialect({
    name: "fireworks",
    basePath: "/inference/v1",
    isStrict: false,
    ownParams:
      "context_length_exceeded_behavior ignore_eos min_p mirostat_target perf_metrics_in_response prompt_truncate_len " +
      "reasoning_history repetition_penalty thinking top_k typical_p",
  }),
  filters: { prompt: "none", answer: "none" },
  writeError,

  writeLimits({ inputTokens, outputTokens }) {
    const headers: Record<string, string> = {};
    for (const [name, state] of [
      ["prompt", inputTokens],
      ["generated", outputTokens],
    ] as const) {
      if (state === undefined) continue;
      headers[`x-ratelimit-limit-tokens-${name}`] = String(state.limit);
      headers[`x-ratelimit-remaining-tokens-${name}`] = String(state.remaining);
      // Refusals have this header, too.
      headers["x-ratelimit-over-limit"] = "no";
    }
    return headers;
  },
};

const INVALID = { status: 400, type: "invalid_request_error" };
const RATE_LIMITED = { status: 429, type: "invalid_request_error", message: () => "Rate limit exceeded" };

/** The types in this table are sent as codes. */
const ERRORS: ErrorTable = {
  auth: { status: 401, type: "UNAUTHORIZED", message: () => "The API key you provided is invalid." },
  permission: { status: 403, type: "FORBIDDEN" },
  pathNotFound: { status: 404, type: "NOT_FOUND", message: () => "Path not found" },
  modelNotFound: {
    status: 404,
    type: "NOT_FOUND",
    message: () => "Model not found, inaccessible, and/or not deployed",
  },
  noCredit: { status: 402, type: "PAYMENT_REQUIRED" },
  rateLimit: RATE_LIMITED,
  requestTooLarge: RATE_LIMITED,
  bodyTooLarge: { status: 413, type: "invalid_request_error" },
  bodyNotJson: INVALID,
  badRequest: INVALID,
  unsupportedParameter: INVALID,
  contextTooLong: {
    ...INVALID,
    message: ({ contextTokens }) =>
      `The prompt is longer than the maximum context length of ${contextTokens}.`,
  },
  contentFilter: INVALID,
  serverError: { status: 500, type: "INTERNAL" },
  overloaded: { status: 503, type: "invalid_request_error", message: () => "The server is overloaded" },
};

/** All errors have the same type. */
function writeError(error: SimError): SimResponse {
  const { status, type: code, message } = lookUpError(ERRORS, error);
  return { status, headers: {}, body: { object: "error", type: "invalid_request_error", code, message } };
}
