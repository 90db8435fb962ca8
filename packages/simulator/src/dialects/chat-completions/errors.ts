import type { LimitDimension, SimError, SimResponse } from "../../dialect.ts";
import { formatGoDuration } from "./go-duration.ts";

const DAY_MS = 86_400_000;

const NAMES_OF_DAY: Partial<Record<LimitDimension, string>> = {
  requests: "requests per day (RPD)",
  tokens: "tokens per day (TPD)",
};

const LIMIT_NAMES: Record<LimitDimension, string> = {
  requests: "requests per min (RPM)",
  tokens: "tokens per min (TPM)",
  inputTokens: "input tokens per min",
  outputTokens: "output tokens per min",
};

/** Writes an error as the OpenAI API does. */
export function writeOpenaiError(error: SimError): SimResponse {
  switch (error.kind) {
    case "auth":
      return respond(
        401,
        error.missing
          ? "You didn't provide an API key. You need to provide your API key in an Authorization header " +
              "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
          : "Incorrect API key provided.",
        { code: "invalid_api_key" },
      );
    case "permission":
      return respond(403, "You are not allowed to do this.", { code: "forbidden" });
    case "pathNotFound":
      return respond(404, `Invalid URL (${error.method} ${error.path})`);
    case "modelNotFound":
      return respond(404, `The model \`${error.model}\` does not exist or you do not have access to it.`, {
        code: "model_not_found",
      });
    case "noCredit":
      return respond(429, "You exceeded your current quota, please check your plan and billing details.", {
        type: "insufficient_quota",
        code: "insufficient_quota",
      });
    case "rateLimit":
    case "requestTooLarge":
      return writeRateLimit(error);
    case "serverError":
      return respond(500, "The server had an error while processing your request. Sorry about that!", {
        type: "server_error",
      });
    case "overloaded":
      return respond(503, "The server is currently overloaded. Please try again later.", {
        type: "server_error",
        code: "server_is_overloaded",
      });
    case "bodyTooLarge":
    case "bodyNotJson":
    case "badRequest":
    case "unsupportedParameter":
    case "contextTooLong":
    case "contentFilter":
    default:
      return writeBadRequest(error);
  }
}

function writeRateLimit(error: Extract<SimError, { kind: "rateLimit" | "requestTooLarge" }>): SimResponse {
  if (error.kind === "requestTooLarge") {
    return respond(
      429,
      `Request too large for ${error.model} on ${LIMIT_NAMES[error.dimension ?? "tokens"]}: Limit ${error.limit}, ` +
        `Requested ${error.requested}. The input or output tokens must be reduced in order to run successfully.`,
      { type: "tokens", code: "rate_limit_exceeded" },
    );
  }
  const { model, dimension, detail } = error;
  const isOfDay = (detail?.windowMs ?? 0) >= DAY_MS;
  const name = (isOfDay ? NAMES_OF_DAY[dimension] : undefined) ?? LIMIT_NAMES[dimension];
  const figures =
    detail === undefined
      ? ""
      : `: Limit ${detail.limit}, Used ${detail.used}, Requested ${detail.requested}. ` +
        `Please try again in ${formatGoDuration(detail.waitMs)}`;
  return respond(429, `Rate limit reached for ${model} on ${name}${figures}.`, {
    type: dimension === "requests" ? "requests" : "tokens",
    code: "rate_limit_exceeded",
  });
}

type BadRequest = Extract<
  SimError,
  {
    kind:
      | "bodyTooLarge"
      | "bodyNotJson"
      | "badRequest"
      | "unsupportedParameter"
      | "contextTooLong"
      | "contentFilter";
  }
>;

function writeBadRequest(error: BadRequest): SimResponse {
  switch (error.kind) {
    case "bodyTooLarge":
      return respond(413, `The request body is larger than ${error.limitBytes} bytes.`);
    case "bodyNotJson":
      return respond(400, "We could not parse the JSON body of your request.");
    case "badRequest":
      return respond(400, error.message, error);
    case "unsupportedParameter":
      return respond(400, `Unsupported parameter: '${error.param}' is not supported with this model.`, {
        param: error.param,
        code: "unsupported_parameter",
      });
    case "contextTooLong":
      return respond(400, describeContext(error), { param: "messages", code: "context_length_exceeded" });
    case "contentFilter":
    default:
      return respond(
        400,
        "Your request was rejected as a result of our safety system. Your prompt may contain text that " +
          "is not allowed by our safety system.",
        { code: "content_policy_violation" },
      );
  }
}

function describeContext(error: Extract<SimError, { kind: "contextTooLong" }>): string {
  const { contextTokens, inputTokens, maxTokens } = error;
  const limit = `This model's maximum context length is ${contextTokens} tokens. However, `;
  if (maxTokens === undefined || inputTokens > contextTokens) {
    return `${limit}your messages resulted in ${inputTokens} tokens. Please reduce the length of the messages.`;
  }
  return (
    `${limit}you requested ${inputTokens + maxTokens} tokens (${inputTokens} in the messages, ` +
    `${maxTokens} in the completion). Please reduce the length of the messages or completion.`
  );
}

function respond(
  status: number,
  message: string,
  {
    type = "invalid_request_error",
    param = null,
    code = null,
  }: {
    readonly type?: string;
    readonly param?: string | null | undefined;
    readonly code?: string | null | undefined;
  } = {},
): SimResponse {
  return { status, headers: {}, body: { error: { message, type, param, code } } };
}
