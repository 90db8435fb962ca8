import { type Choice, type Usage, isRecord } from "@parallel-parrot/core";
import { answerChoice } from "../response/answer-choice.ts";
import { classifyError } from "../errors/classify-error.ts";
import type { ErrorContext } from "../errors/judgement.ts";
import { readContent } from "../response/read-content.ts";
import { readErrorBody } from "../errors/error-body.ts";
import { countOf, fieldsOf, listOf, parseJson, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { badResponse, isSuccess, rejected } from "../errors/rejected.ts";
import { statusOfError } from "../errors/status-of-error.ts";

/** Reads a response of the Responses API, of any status. */
export function readResponsesAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const context: ErrorContext = { response, amendments, hasDeveloper: true, canStream: true };
  const body = parseJson(response.body);
  if (isSuccess(response) && isRecord(body) && isReport(body)) return readAnswer(body, context);
  return readRefusal(body, context);
}

/** Whether a body is what the API reports of an answer, finished or not. */
function isReport({ object, output, status }: Fields): boolean {
  return object === "response" || Array.isArray(output) || status === "failed";
}

/** Codes of a prompt that the API declines to answer. */
const DECLINED = /policy|invalid_prompt/;

function readAnswer(body: Fields, context: ErrorContext): ProviderAnswer {
  const { status, error } = body;
  const usage = readUsage(body["usage"]);
  if (isRecord(error)) {
    const inner = readErrorBody({ error });
    if (DECLINED.test(inner.code)) {
      const message = `${inner.code}: ${inner.message}`;
      return rejected({ verdict: "fail", code: "CONTENT_FILTERED", message }, usage);
    }
    const inferred = statusOfError(inner) ?? (inner.code === "" ? 500 : 400);
    return rejected(classifyError(inferred, inner, context), usage);
  }
  if ((status !== "completed" && status !== "incomplete") || !Array.isArray(body["output"])) {
    const message = `Expected a finished answer with an output, got the status ${JSON.stringify(status)}`;
    return badResponse(message, usage);
  }
  const model = typeof body["model"] === "string" ? body["model"] : "";
  return { ok: true, completion: { choices: [readChoice(body)], model, usage } };
}

function readChoice(body: Fields): Choice {
  const items = listOf(body["output"]).map(fieldsOf);
  // A commentary of the model on its work is not its answer.
  const messages = items.filter(({ type, phase }) => type === "message" && phase !== "commentary");
  const contents = messages.map(({ content }) => content);
  const refusal = contents
    .flatMap(listOf)
    .map((part) => textOf(fieldsOf(part)["refusal"]))
    .join("");
  if (refusal !== "") return { text: refusal, finishReason: "refusal" };
  const text = contents.map((content) => readContent(content).text).join("");
  const reasoning = items.filter(({ type }) => type === "reasoning");
  const calls = text.trim() === "" ? items.filter(({ type }) => type === "function_call") : [];
  return answerChoice({
    text,
    reason:
      body["status"] === "incomplete"
        ? (fieldsOf(body["incomplete_details"])["reason"] ?? "unknown")
        : "stop",
    // Some servers show the thoughts, others a summary of them.
    thoughts: reasoning
      .map(({ content, summary }) => thoughtsOf(content) || thoughtsOf(summary))
      .join("\n\n"),
    calls: calls.map(({ name, arguments: given }) => ({ name: textOf(name), arguments: given })),
  });
}

function thoughtsOf(parts: unknown): string {
  return listOf(parts)
    .map((part) => readContent([part]).thoughts)
    .join("\n\n");
}

function readUsage(value: unknown): Usage {
  const usage = fieldsOf(value);
  const input = fieldsOf(usage["input_tokens_details"]);
  const cacheWriteTokens = countOf(input["cache_write_tokens"]);
  return {
    requests: 1,
    inputTokens: countOf(usage["input_tokens"]),
    outputTokens: countOf(usage["output_tokens"]),
    cachedInputTokens: countOf(input["cached_tokens"]),
    reasoningTokens: countOf(fieldsOf(usage["output_tokens_details"])["reasoning_tokens"]),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  };
}
