import type { Choice, FinishReason, Usage } from "@parallel-parrot/core";
import { classifyGeminiError } from "./gemini-error.ts";
import { countOf, fieldsOf, isFields, parseJson, textOf, type Fields } from "./json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse, Rejection } from "./provider.ts";
import { notJson, rejected } from "./rejected.ts";

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  IMAGE_SAFETY: "content_filter",
  IMAGE_PROHIBITED_CONTENT: "content_filter",
  IMAGE_RECITATION: "content_filter",
};

/** Reads any response of `generateContent`, of Gemini or Vertex AI. */
export function readGeminiAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const parsed = parseJson(response.body);
  // Some gateways of Google's put the error into a list.
  const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  const isOk = response.status >= 200 && response.status < 300;
  if (!isOk || (isFields(body) && "error" in body))
    return rejected(classifyGeminiError(body, response, amendments));
  if (!isFields(body))
    return rejected({ verdict: "retry", code: "BAD_RESPONSE", message: notJson(response) });
  const usage = readUsage(fieldsOf(body["usageMetadata"]));
  const candidates = Array.isArray(body["candidates"]) ? body["candidates"].map(fieldsOf) : [];
  if (candidates.length > 0) {
    const model = textOf(body["modelVersion"]);
    return { ok: true, completion: { choices: candidates.map(readChoice), model, usage } };
  }
  const paid = usage.inputTokens + usage.outputTokens === 0 ? {} : { usage };
  return { ok: false, rejection: withoutCandidates(fieldsOf(body["promptFeedback"])), ...paid };
}

/** A prompt that is blocked is answered with 200 and no candidate. */
function withoutCandidates(feedback: Fields): Rejection {
  const reason = textOf(feedback["blockReason"]);
  if (reason === "")
    return { verdict: "retry", code: "BAD_RESPONSE", message: "The response has no candidates" };
  const words = textOf(feedback["blockReasonMessage"]);
  const message = `The prompt was blocked: ${reason}${words === "" ? "" : `: ${words}`}`;
  return { verdict: "fail", code: "CONTENT_FILTERED", message };
}

function readChoice(candidate: Fields): Choice {
  const { parts } = fieldsOf(candidate["content"]);
  const texts = Array.isArray(parts) ? parts.map(fieldsOf).filter(({ thought }) => thought !== true) : [];
  const reason = candidate["finishReason"];
  return {
    text: texts.map(({ text }) => textOf(text)).join(""),
    // A reason that is left out means a complete answer.
    finishReason: typeof reason === "string" ? (FINISH_REASONS[reason] ?? "other") : "stop",
  };
}

/** The API counts thoughts apart from the candidates, and what tools put into the prompt apart from the prompt. */
function readUsage(usage: Fields): Usage {
  const reasoningTokens = countOf(usage["thoughtsTokenCount"]);
  return {
    requests: 1,
    inputTokens: countOf(usage["promptTokenCount"]) + countOf(usage["toolUsePromptTokenCount"]),
    outputTokens: countOf(usage["candidatesTokenCount"]) + reasoningTokens,
    cachedInputTokens: countOf(usage["cachedContentTokenCount"]),
    reasoningTokens,
  };
}
