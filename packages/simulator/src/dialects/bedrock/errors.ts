import type { SimError, SimResponse } from "../../dialect.ts";
import { lookUpError, type ErrorTable } from "../error-table.ts";

const INVALID = { status: 400, type: "ValidationException" };
const THROTTLED = { status: 429, type: "ThrottlingException" };
const TOO_MANY_TOKENS = "Too many tokens, please wait before trying again.";
const UPSTREAM = "The model returned the following errors: ";

/** The types of errors whose status a script asked for. */
const STATUS_TYPES: Readonly<Record<number, string>> = {
  408: "ModelTimeoutException",
  424: "ModelErrorException",
};

const ERRORS: ErrorTable = {
  auth: {
    status: 403,
    type: "UnrecognizedClientException",
    message: () => "The security token included in the request is invalid.",
  },
  permission: {
    status: 403,
    type: "AccessDeniedException",
    message: () => "You don't have access to the model with the specified model ID.",
  },
  pathNotFound: { status: 404, type: "UnknownOperationException" },
  modelNotFound: {
    status: 404,
    type: "ResourceNotFoundException",
    message: () => "Could not resolve the foundation model from the provided model identifier.",
  },
  noCredit: {
    status: 400,
    type: "ServiceQuotaExceededException",
    message: () => "Your request exceeds the service quota for your account.",
  },
  rateLimit: {
    ...THROTTLED,
    message: ({ dimension }) =>
      dimension === "requests" ? "Too many requests, please wait before trying again." : TOO_MANY_TOKENS,
  },
  requestTooLarge: { ...THROTTLED, message: () => TOO_MANY_TOKENS },
  bodyTooLarge: { status: 413, type: "RequestEntityTooLargeException" },
  bodyNotJson: { status: 400, type: "SerializationException" },
  badRequest: INVALID,
  unsupportedParameter: {
    ...INVALID,
    message: ({ param }) => `${UPSTREAM}\`${param}\` is not supported for this model.`,
  },
  contextTooLong: { ...INVALID, message: () => `${UPSTREAM}Input is too long for requested model.` },
  contentFilter: INVALID,
  serverError: {
    status: 500,
    type: "InternalServerException",
    message: () => "The system encountered an unexpected error during processing. Try your request again.",
  },
  overloaded: {
    status: 503,
    type: "ServiceUnavailableException",
    message: () => "Bedrock is unable to process your request.",
  },
};

/** Writes an error as Bedrock does, with its type in a header. A blocked prompt gets an answer of the guardrail. */
export function writeBedrockError(error: SimError, id: string): SimResponse {
  if (error.kind === "contentFilter") return writeBlockedPrompt(id);
  if (error.kind === "auth" && error.missing)
    return respond(403, "MissingAuthenticationTokenException", "Missing Authentication Token", id);
  const { status, type, message } = lookUpError(ERRORS, error);
  const named = error.kind === "badRequest" ? error.code : undefined;
  return respond(status, named ?? STATUS_TYPES[status] ?? type, message, id);
}

function respond(status: number, type: string, message: string, id: string): SimResponse {
  return { status, headers: { "x-amzn-errortype": type, "x-amzn-requestid": id }, body: { message } };
}

function writeBlockedPrompt(id: string): SimResponse {
  const content = [{ text: "Sorry, the model cannot answer this question." }];
  const body = {
    metrics: { latencyMs: 0 },
    output: { message: { role: "assistant", content } },
    stopReason: "guardrail_intervened",
    usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  };
  return { status: 200, headers: { "x-amzn-requestid": id }, body };
}
