import { writeOpenaiUsage } from "../response.ts";
import { chatDialect } from "../dialect.ts";
import { lookUpError, type ErrorTable } from "../../error-table.ts";
import type { Dialect, SimError, SimResponse } from "../../../dialect.ts";
import { isObject, type JsonObject } from "../../../json-value.ts";

/** Parameters that OpenRouter itself reads. */
const OWN = "models plugins provider reasoning route session_id trace transforms usage";
/** Parameters that the server behind it does not know. */
const UNSUPPORTED = ["n"];

const CHAT = chatDialect({
  name: "openrouter",
  basePath: "/api/v1",
  ownParams: `${OWN} min_p repetition_penalty top_a top_k`,
  unknownParams: UNSUPPORTED.join(" "),
  onUnknown: "drop",
  writeUsage: (usage) => ({ ...writeOpenaiUsage(usage), cost: 0 }),
});

// The API has no types of errors, only statuses.
const INVALID = { status: 400, type: "" };
const RATE_LIMITED = {
  status: 429,
  type: "",
  message: () => "Rate limit exceeded: free-models-per-min. ",
};

const ERRORS: ErrorTable = {
  auth: {
    status: 401,
    type: "",
    message: ({ missing }) => (missing ? "No auth credentials found" : "User not found."),
  },
  permission: { status: 403, type: "" },
  pathNotFound: { status: 404, type: "", message: () => "Not Found" },
  modelNotFound: { ...INVALID, message: ({ model }) => `${model} is not a valid model ID` },
  noCredit: { status: 402, type: "", message: () => "Insufficient credits. Add more on the settings page." },
  rateLimit: RATE_LIMITED,
  requestTooLarge: RATE_LIMITED,
  bodyTooLarge: { status: 413, type: "" },
  bodyNotJson: INVALID,
  badRequest: INVALID,
  unsupportedParameter: INVALID,
  contextTooLong: {
    ...INVALID,
    message: ({ inputTokens, contextTokens }) =>
      `This endpoint's maximum context length is ${contextTokens} tokens. However, you requested about ${inputTokens} tokens.`,
  },
  contentFilter: {
    status: 403,
    type: "",
    message: () =>
      'The model requires moderation on OpenRouter. Your input was flagged for "violence". No credits were charged.',
  },
  serverError: { status: 502, type: "", message: () => "Provider returned error" },
  overloaded: { status: 503, type: "", message: () => "No instances available" },
};

/**
 * Chat completions of OpenRouter. Parameters that no server behind it knows are dropped silently, unless the request
 * demands servers that know all of them.
 */
export const openrouterDialect: Dialect = {
  ...CHAT,

  readRequest(body, route, target) {
    if (isObject(body) && demandsAll(body) && UNSUPPORTED.some((name) => name in body)) {
      const message = "No endpoints found that can handle the requested parameters.";
      return { error: { kind: "badRequest", status: 404, message } };
    }
    return CHAT.readRequest(body, route, target);
  },

  writeError: writeOpenrouterError,
  // Answers tell no limits; a refusal tells them in its body.
  writeLimits: (_limits, waitMs) =>
    waitMs === undefined ? {} : { "retry-after": String(Math.ceil(waitMs / 1000)) },
};

function demandsAll({ provider }: JsonObject): boolean {
  return isObject(provider) && provider["require_parameters"] === true;
}

/** Writes an error as OpenRouter does, with metadata about its cause. */
function writeOpenrouterError(error: SimError): SimResponse {
  const { status: code, message } = lookUpError(ERRORS, error);
  const metadata = metadataOf(error);
  const body = {
    error: { message, code, ...(metadata !== undefined && { metadata }) },
    user_id: "user_simulated",
  };
  return { status: code, headers: {}, body };
}

function metadataOf(error: SimError): object | undefined {
  if (error.kind === "contentFilter")
    return { reasons: ["violence"], flagged_input: "…", provider_name: "OpenAI" };
  if (error.kind !== "rateLimit" || error.detail === undefined) return undefined;
  const { limit, waitMs } = error.detail;
  // The body lists headers that the response itself lacks. The time is in milliseconds since 1970.
  const headers = {
    "X-RateLimit-Limit": String(limit),
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": String(Math.ceil(Date.now() + waitMs)),
  };
  return { headers };
}
