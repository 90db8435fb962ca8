import { type Choice, type Usage, isRecord } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { readGeminiRefusal } from "./errors.ts";
import { countOf, fieldsOf, listOf, parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse, Rejection } from "../provider.ts";
import { badResponse, isSuccess, rejected } from "../errors/rejected.ts";

/** Reads a response of `generateContent`, of any status, from Gemini or Vertex AI. */
export function readGeminiAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const body = bodyOf(parseJson(response.body));
  if (!isSuccess(response) || !isRecord(body) || "error" in body)
    return readGeminiRefusal(body, response, amendments);
  const usage = readUsage(fieldsOf(body["usageMetadata"]));
  const candidates = listOf(body["candidates"]).map(fieldsOf);
  if (candidates.length > 0) {
    const model = textOf(body["modelVersion"]);
    const choices = candidates.map((candidate, at) => readChoice(candidate, at, response));
    return { ok: true, completion: { choices, model, usage } };
  }
  const blocked = blockOf(fieldsOf(body["promptFeedback"]));
  if (blocked !== undefined) return rejected(blocked, usage);
  const isEmpty = "candidates" in body || "usageMetadata" in body;
  return isEmpty
    ? badResponse("The response has no candidates", usage)
    : readGeminiRefusal(body, response, amendments);
}

/** The response to a blocked prompt has status 200 and no candidates. */
function blockOf(feedback: Fields): Rejection | undefined {
  const reason = textOf(feedback["blockReason"]);
  if (reason === "") return undefined;
  const words = textOf(feedback["blockReasonMessage"]);
  const message = `The prompt was blocked: ${reason}${words === "" ? "" : `: ${words}`}`;
  return { verdict: "fail", code: "CONTENT_FILTERED", message };
}

function readChoice(candidate: Fields, at: number, response: ProviderResponse): Choice {
  const parts = partsOf(candidate);
  const join = (isThought: boolean): string =>
    parts.map(({ text, thought }) => ((thought === true) === isThought ? textOf(text) : "")).join("");
  const text = join(false);
  const isCall = text.trim() === "" && parts.some(({ functionCall }) => isRecord(functionCall));
  return answerChoice({
    text,
    reason: candidate["finishReason"],
    thoughts: join(true),
    calls: isCall ? readCalls(response, at) : [],
  });
}

function partsOf(candidate: Fields): readonly Fields[] {
  return listOf(fieldsOf(candidate["content"])["parts"]).map(fieldsOf);
}

function readCalls({ body }: ProviderResponse, at: number): ToolCall[] {
  const candidate = listOf(fieldsOf(bodyOf(parseWritten(body)))["candidates"])[at];
  const calls = partsOf(fieldsOf(candidate)).map(({ functionCall }) => functionCall);
  return calls.filter(isRecord).map(({ name, args }) => ({ name: textOf(name), arguments: args }));
}

/** Some of Google's gateways wrap the body in a list. */
function bodyOf(parsed: unknown): unknown {
  return Array.isArray(parsed) ? parsed[0] : parsed;
}

/** The API does not count thoughts as candidates, nor what tools add to the prompt as prompt. */
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
