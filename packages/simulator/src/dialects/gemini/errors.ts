import type { LimitDimension, SimError, SimResponse } from "../../dialect.ts";
import { lookUpError, type ErrorTable } from "../error-table.ts";

const INVALID = { status: 400, type: "INVALID_ARGUMENT" };
const EXHAUSTED = { status: 429, type: "RESOURCE_EXHAUSTED" };
const QUOTA = "You exceeded your current quota, please check your plan and billing details.";

/** The names of errors whose status a script asked for. */
const STATUS_NAMES: Readonly<Record<number, string>> = { 499: "CANCELLED", 504: "DEADLINE_EXCEEDED" };

const ERRORS: ErrorTable = {
  auth: { ...INVALID, message: () => "API key not valid. Please pass a valid API key." },
  permission: {
    status: 403,
    type: "PERMISSION_DENIED",
    message: () => "The caller does not have permission",
  },
  pathNotFound: { status: 404, type: "NOT_FOUND" },
  modelNotFound: {
    status: 404,
    type: "NOT_FOUND",
    message: ({ model }) =>
      `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ` +
      "ListModels to see the list of available models and their supported methods.",
  },
  noCredit: { ...EXHAUSTED, status: 402, message: () => "Your prepayment credits are depleted." },
  rateLimit: { ...EXHAUSTED, message: describeQuota },
  requestTooLarge: { ...EXHAUSTED, message: describeQuota },
  bodyTooLarge: {
    ...INVALID,
    message: ({ limitBytes }) => `Request payload size exceeds the limit: ${limitBytes} bytes.`,
  },
  bodyNotJson: { ...INVALID, message: () => "Invalid JSON payload received. Unexpected token." },
  badRequest: INVALID,
  unsupportedParameter: INVALID,
  contextTooLong: {
    ...INVALID,
    message: ({ inputTokens, maxTokens = 0, contextTokens }) =>
      `The input token count (${inputTokens + maxTokens}) exceeds the maximum number of tokens allowed (${contextTokens}).`,
  },
  contentFilter: INVALID,
  serverError: {
    status: 500,
    type: "INTERNAL",
    message: () => "An internal error has occurred. Please retry.",
  },
  overloaded: {
    status: 503,
    type: "UNAVAILABLE",
    message: () => "The model is overloaded. Please try again later.",
  },
};

/** Writes an error as the Gemini API of AI Studio does. A blocked prompt gets an answer without candidates. */
export function writeGeminiError(error: SimError, id: string): SimResponse {
  if (error.kind === "contentFilter") return writeBlockedPrompt(id);
  if (error.kind === "auth" && error.missing) {
    return respond(403, "PERMISSION_DENIED", UNREGISTERED);
  }
  const { status, type, message } = lookUpError(ERRORS, error);
  return respond(status, STATUS_NAMES[status] ?? type, message, detailsOf(error));
}

/** Writes an error as Vertex AI does, which does not tell quotas. */
export function writeVertexError(error: SimError, id: string): SimResponse {
  if (error.kind === "auth") return respond(401, "UNAUTHENTICATED", UNAUTHENTICATED);
  if (error.kind !== "rateLimit" && error.kind !== "requestTooLarge") return writeGeminiError(error, id);
  return respond(429, "RESOURCE_EXHAUSTED", "Resource exhausted, please try again later.");
}

const UNREGISTERED =
  "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or " +
  "other form of API consumer identity to call this API.";

const UNAUTHENTICATED =
  "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid " +
  "authentication credential.";

function respond(code: number, status: string, message: string, details?: unknown): SimResponse {
  const body = { error: { code, message, status, ...(details !== undefined && { details }) } };
  return { status: code, headers: {}, body };
}

function writeBlockedPrompt(id: string): SimResponse {
  const body = {
    promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
    usageMetadata: { promptTokenCount: 0, totalTokenCount: 0 },
    responseId: id,
  };
  return { status: 200, headers: {}, body };
}

type QuotaError = Extract<SimError, { kind: "rateLimit" | "requestTooLarge" }>;

function detailsOf(error: SimError): unknown {
  if (error.kind === "badRequest") return error.details;
  if (error.kind === "rateLimit" || error.kind === "requestTooLarge") return quotaDetails(error);
  if (error.kind !== "auth") return undefined;
  return [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "API_KEY_INVALID",
      domain: "googleapis.com",
      metadata: { service: "generativelanguage.googleapis.com" },
    },
  ];
}

const DAY_MS = 86_400_000;

const QUOTAS: Readonly<Record<LimitDimension, { readonly metric: string; readonly id: string }>> = {
  requests: { metric: "generate_content_requests", id: "GenerateRequestsPerMinutePerProjectPerModel" },
  tokens: {
    metric: "generate_content_input_token_count",
    id: "GenerateContentInputTokensPerModelPerMinute",
  },
  inputTokens: {
    metric: "generate_content_input_token_count",
    id: "GenerateContentInputTokensPerModelPerMinute",
  },
  outputTokens: {
    metric: "generate_content_output_token_count",
    id: "GenerateContentOutputTokensPerModelPerMinute",
  },
};

function readQuota(error: QuotaError): { metric: string; id: string; limit?: number; seconds?: number } {
  const { metric, id } = QUOTAS[error.dimension ?? "tokens"];
  const named = { metric: `generativelanguage.googleapis.com/${metric}`, id };
  if (error.kind === "requestTooLarge") return { ...named, limit: error.limit };
  const { detail } = error;
  if (detail === undefined) return named;
  const isOfDay = (detail.windowMs ?? 0) >= DAY_MS;
  return {
    ...named,
    id: isOfDay ? id.replace("PerMinute", "PerDay") : id,
    limit: detail.limit,
    seconds: Math.ceil(detail.waitMs) / 1000,
  };
}

function describeQuota(error: QuotaError): string {
  const { metric, limit, seconds } = readQuota(error);
  const quota =
    limit === undefined
      ? ""
      : `\n* Quota exceeded for metric: ${metric}, limit: ${limit}, model: ${error.model}`;
  return `${QUOTA}${quota}${seconds === undefined ? "" : `\nPlease retry in ${seconds}s.`}`;
}

function quotaDetails(error: QuotaError): readonly unknown[] {
  const { metric, id, limit, seconds } = readQuota(error);
  const violation = {
    quotaMetric: metric,
    quotaId: id,
    quotaDimensions: { location: "global", model: error.model },
    ...(limit !== undefined && { quotaValue: String(limit) }),
  };
  const failure = { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [violation] };
  if (seconds === undefined) return [failure];
  return [failure, { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${seconds}s` }];
}
