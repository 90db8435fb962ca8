import type { SimError, SimResponse } from "../../dialect.ts";
import { lookUpError, type ErrorTable } from "../error-table.ts";

// The API has no types of errors, only statuses.
const NONE = { type: "" };

const ERRORS: ErrorTable = {
  auth: {
    ...NONE,
    status: 401,
    message: ({ missing }) => (missing ? "no api key supplied" : "invalid api token"),
  },
  permission: { ...NONE, status: 403 },
  pathNotFound: { ...NONE, status: 404, message: () => "page not found" },
  modelNotFound: {
    ...NONE,
    status: 404,
    message: ({ model }) =>
      `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`,
  },
  noCredit: {
    ...NONE,
    status: 402,
    message: () => "a payment method is required, or the spend limit is reached",
  },
  rateLimit: {
    ...NONE,
    status: 429,
    message: ({ dimension, detail }) => {
      if (detail === undefined) return "Please wait and try again later.";
      const { limit } = detail;
      return dimension === "requests"
        ? `You are using a Trial key, which is limited to ${limit} API calls / minute. You can continue to use ` +
            "the Trial key for free or upgrade to a Production key with higher rate limits."
        : `token rate limit exceeded, limit is ${limit} tokens per minute`;
    },
  },
  requestTooLarge: {
    ...NONE,
    status: 429,
    message: ({ limit }) => `token rate limit exceeded, limit is ${limit} tokens per minute.`,
  },
  bodyTooLarge: { ...NONE, status: 413 },
  bodyNotJson: { ...NONE, status: 400, message: () => "invalid request: the body is not valid JSON." },
  badRequest: { ...NONE, status: 400 },
  unsupportedParameter: {
    ...NONE,
    status: 400,
    message: ({ param }) => `invalid request: ${param} is not supported with this model.`,
  },
  contextTooLong: {
    ...NONE,
    status: 400,
    message: ({ inputTokens, maxTokens = 0, contextTokens }) =>
      `too many tokens: size limit exceeded by ${inputTokens + maxTokens - contextTokens} tokens. Try using shorter or fewer inputs.`,
  },
  contentFilter: { ...NONE, status: 498, message: () => "blocked input: please remove the blocked content" },
  serverError: { ...NONE, status: 500, message: () => "internal server error" },
  overloaded: { ...NONE, status: 503, message: () => "service unavailable, please try again later" },
};

/** Writes an error as the Cohere API does: it is only a message. */
export function writeCohereError(error: SimError, id: string): SimResponse {
  const { status, message } = lookUpError(ERRORS, error);
  return { status, headers: {}, body: { id, message } };
}
