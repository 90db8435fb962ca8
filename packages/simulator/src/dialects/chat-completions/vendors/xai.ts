import { chatDialect } from "../dialect.ts";
import { writeOpenaiUsage } from "../response.ts";
import type { Dialect, SimError, SimResponse } from "../../../dialect.ts";
import { xaiBatchApi } from "../xai-batches.ts";
import { lookUpError, type ErrorTable } from "../../error-table.ts";

/** Chat completions of xAI, which does not count reasoning as output and whose errors are a code and a text. */
export const xaiDialect: Dialect = {
  ...chatDialect({
    name: "xai",
    basePath: "/v1",
    ownParams: "deferred search_parameters",
    unknownParams: "logit_bias safety_identifier",
    maxChoices: 1,
    isStrict: false,
    writeUsage: (usage) => ({ ...writeOpenaiUsage(usage), completion_tokens: usage.text }),
  }),
  // Answers are not filtered: the model itself refuses in its own words.
  filters: { prompt: "error", answer: "none" },
  writeError,
  batches: xaiBatchApi,
};

const INVALID = { status: 400, type: "Client specified an invalid argument" };
const FORBIDDEN = {
  status: 403,
  type: "The caller does not have permission to execute the specified operation",
};
const NOT_FOUND = { status: 404, type: "Some requested entity was not found" };
const EXHAUSTED = {
  status: 429,
  type: "Some resource has been exhausted",
  message: () => "Too many requests for team and model.",
};

const ERRORS: ErrorTable = {
  auth: {
    ...INVALID,
    message: ({ missing }) =>
      missing ? "No API key provided." : "Incorrect API key provided. You can obtain one from the console.",
  },
  permission: FORBIDDEN,
  pathNotFound: NOT_FOUND,
  modelNotFound: {
    ...NOT_FOUND,
    message: ({ model }) => `The model ${model} does not exist or your team does not have access to it.`,
  },
  noCredit: {
    ...FORBIDDEN,
    message: () => "Your team has either used all available credits or reached its monthly spending limit.",
  },
  rateLimit: EXHAUSTED,
  requestTooLarge: EXHAUSTED,
  bodyTooLarge: { ...INVALID, status: 413 },
  bodyNotJson: INVALID,
  badRequest: INVALID,
  unsupportedParameter: {
    ...INVALID,
    message: ({ param }) => `Argument not supported on this model: ${param}`,
  },
  contextTooLong: {
    ...INVALID,
    message: ({ inputTokens, contextTokens }) =>
      `This model's maximum prompt length is ${contextTokens} but the request contains ${inputTokens} tokens.`,
  },
  contentFilter: { ...FORBIDDEN, message: () => "Content violates usage guidelines." },
  serverError: { status: 500, type: "Internal error", message: () => "The server had an error." },
  overloaded: {
    status: 503,
    type: "The service is currently unavailable",
    message: () => "The model is at capacity.",
  },
};

function writeError(error: SimError): SimResponse {
  const { status, type: code, message } = lookUpError(ERRORS, error);
  return { status, headers: {}, body: { code, error: message } };
}
