import type { SimError, SimResponse } from "../../dialect.ts";
import { lookUpError, type ErrorTable } from "../error-table.ts";

const INVALID = { status: 400, type: "invalid_request_error" };
const RATE_LIMITED = { status: 429, type: "rate_limited", message: () => "Rate limit exceeded" };

const ERRORS: ErrorTable = {
  auth: { status: 401, type: "unauthorized", message: () => "Unauthorized" },
  permission: { status: 403, type: "forbidden" },
  pathNotFound: { status: 404, type: "not_found", message: () => "no Route matched with those values" },
  modelNotFound: { status: 400, type: "invalid_model", message: ({ model }) => `Invalid model: ${model}` },
  noCredit: { status: 402, type: "payment_required" },
  rateLimit: RATE_LIMITED,
  requestTooLarge: RATE_LIMITED,
  bodyTooLarge: { status: 413, type: "request_too_large" },
  bodyNotJson: INVALID,
  badRequest: INVALID,
  unsupportedParameter: INVALID,
  contextTooLong: {
    ...INVALID,
    message: ({ inputTokens, contextTokens }) =>
      `Prompt contains ${inputTokens} tokens, too large for model with ${contextTokens} maximum context length`,
  },
  contentFilter: { status: 403, type: "forbidden", message: () => "Content blocked by guardrail" },
  serverError: { status: 500, type: "internal_server_error" },
  overloaded: { status: 503, type: "unreachable_backend", message: () => "Service unavailable." },
};

/** The API's codes for kinds of errors. */
const CODES: Readonly<Partial<Record<SimError["kind"], string>>> = {
  contextTooLong: "3051",
  modelNotFound: "1500",
  overloaded: "1100",
  rateLimit: "1300",
  requestTooLarge: "1300",
  serverError: "3000",
};

/**
 * Writes an error as the Mistral API does. The error is flat, except that its gateway uses `detail` for errors of keys
 * and `message` for those of paths, and that the problems of a body are a list.
 */
export function writeMistralError(error: SimError): SimResponse {
  const { status, type, message } = lookUpError(ERRORS, error);
  if (error.kind === "auth") return { status, headers: {}, body: { detail: message } };
  if (error.kind === "pathNotFound") return { status, headers: {}, body: { message } };
  const isBad = error.kind === "badRequest";
  if (isBad && error.details !== undefined) return { status, headers: {}, body: { detail: error.details } };
  const body = {
    object: "error",
    message,
    type: (isBad ? error.param : undefined) ?? type,
    param: null,
    code: (isBad ? error.code : undefined) ?? CODES[error.kind] ?? null,
  };
  return { status, headers: {}, body };
}
