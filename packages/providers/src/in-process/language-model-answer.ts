import { classifyError } from "../errors/classify-error.ts";
import { readErrorBody } from "../errors/error-body.ts";
import { finishReasonOf } from "../response/finish-reason.ts";
import type { FunctionCompletion } from "./function-answer.ts";
import { countOf, fieldsOf, parseJson, textOf, type Fields } from "../json-fields.ts";
import type { ProviderResponse } from "../provider.ts";
import { VerdictError, type FunctionRejection } from "./verdict-error.ts";

/** Errors of the SDK itself, without a response behind them. */
const OWN_ERRORS = new Map([
  ["AI_LoadAPIKeyError", { verdict: "stop", code: "MISSING_KEY" }],
  ["AI_LoadSettingError", { verdict: "stop", code: "INVALID_OPTION" }],
  ["AI_NoSuchModelError", { verdict: "stop", code: "MODEL_NOT_FOUND" }],
  ["AI_InvalidPromptError", { verdict: "fail", code: "BAD_REQUEST" }],
  ["AI_InvalidArgumentError", { verdict: "fail", code: "BAD_REQUEST" }],
  ["AI_UnsupportedFunctionalityError", { verdict: "fail", code: "BAD_REQUEST" }],
] as const);

/** Reads the result of `doGenerate`, of any version of the interface. */
export function readGenerated(result: Fields): FunctionCompletion {
  const parts = Array.isArray(result["content"]) ? result["content"].map(fieldsOf) : [];
  const join = (wanted: string): string =>
    parts.map(({ type, text }) => (type === wanted ? textOf(text) : "")).join("");
  const thoughts = join("reasoning");
  const reason = result["finishReason"];
  // Up to version 2 the finish reason is a word, since then an object.
  const unified = typeof reason === "string" ? reason : textOf(fieldsOf(reason)["unified"]);
  const model = textOf(fieldsOf(result["response"])["modelId"]);
  return {
    text: join("text"),
    ...(thoughts === "" ? {} : { thoughts }),
    finishReason: finishReasonOf(unified),
    usage: usageOf(fieldsOf(result["usage"])),
    ...(model === "" ? {} : { model }),
  };
}

/** Up to version 2 the counts are numbers, since then objects. */
function usageOf({ inputTokens, outputTokens, ...usage }: Fields): NonNullable<FunctionCompletion["usage"]> {
  const input = fieldsOf(inputTokens);
  const output = fieldsOf(outputTokens);
  return {
    inputTokens: countOf(input["total"] ?? inputTokens),
    outputTokens: countOf(output["total"] ?? outputTokens),
    cachedInputTokens: countOf(input["cacheRead"] ?? usage["cachedInputTokens"]),
    reasoningTokens: countOf(output["reasoning"] ?? usage["reasoningTokens"]),
    cacheWriteTokens: countOf(input["cacheWrite"]),
  };
}

/** The verdict on an error of `doGenerate`, by the response behind it if there is one. */
export function judgeGenerateError(error: unknown): VerdictError {
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : "";
  const own = OWN_ERRORS.get(name as Parameters<typeof OWN_ERRORS.get>[0]);
  if (own !== undefined) return new VerdictError({ ...own, message }, error);
  const { statusCode, responseBody, responseHeaders } = fieldsOf(error);
  if (typeof statusCode !== "number") {
    const code = name === "AI_APICallError" ? "NETWORK" : "SERVER_ERROR";
    return new VerdictError({ verdict: "retry", code, message }, error);
  }
  if (statusCode < 400) return new VerdictError({ verdict: "retry", code: "BAD_RESPONSE", message }, error);
  const headers = Object.fromEntries(
    Object.entries(fieldsOf(responseHeaders)).map(([header, value]) => [header.toLowerCase(), textOf(value)]),
  );
  return new VerdictError(judge({ status: statusCode, headers, body: textOf(responseBody) }, message), error);
}

function judge(response: ProviderResponse, message: string): FunctionRejection {
  const read = readErrorBody(parseJson(response.body));
  const error = { ...read, message: read.message || message };
  const rejection = classifyError(response.status, error, { response, amendments: new Set() });
  // The SDK writes the request, so nothing can be left out of it here.
  if (rejection.verdict !== "amend") return rejection;
  return { verdict: "fail", code: rejection.code, message: rejection.message };
}
