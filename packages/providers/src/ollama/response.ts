import type { Choice } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { classifyError, type Judgement } from "../errors/classify-error.ts";
import { readErrorBody } from "../errors/error-body.ts";
import {
  countOf,
  fieldsOf,
  isFields,
  listOf,
  parseJson,
  parseWritten,
  textOf,
  type Fields,
} from "../json-fields.ts";
import { THINK_OR_NOT } from "./request-body.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { badResponse, isSuccess, notJson, rejected } from "../errors/rejected.ts";
import { JSON_OBJECT, JSON_WORDS, nextAmendment } from "../amendments.ts";

/** Reads any response of the Chat API. */
export function readOllamaAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const body = parseJson(response.body);
  const isOk = isSuccess(response);
  if (isOk && isFields(body) && isFields(body["message"])) {
    const usage = {
      requests: 1,
      inputTokens: countOf(body["prompt_eval_count"]),
      // Thinking is in it, and not told apart.
      outputTokens: countOf(body["eval_count"]),
      cachedInputTokens: 0,
      reasoningTokens: 0,
    };
    const choices = [readChoice(body["message"], body["done_reason"], response)];
    return { ok: true, completion: { choices, model: textOf(body["model"]), usage } };
  }
  const { message } = readErrorBody(body);
  if (isOk && message === "") return badResponse(notJson(response));
  // A fault while the answer was being written comes with a 200.
  const status = isOk ? 500 : response.status;
  const error = { message: message || notJson(response), code: "", type: "", param: "" };
  const rule = (): Judgement | undefined => judge(status, error.message, amendments);
  return rejected(classifyError(status, error, { response, amendments, rule }));
}

function readChoice(
  { content, thinking, tool_calls: calls }: Fields,
  reason: unknown,
  response: ProviderResponse,
): Choice {
  const text = textOf(content);
  return answerChoice({
    text,
    reason,
    thoughts: textOf(thinking),
    calls: text.trim() === "" && listOf(calls).length > 0 ? readCalls(response) : [],
  });
}

function readCalls({ body }: ProviderResponse): ToolCall[] {
  const calls = listOf(fieldsOf(fieldsOf(parseWritten(body))["message"])["tool_calls"]);
  const functions = calls.map((call) => fieldsOf(fieldsOf(call)["function"]));
  return functions.map(({ name, arguments: given }) => ({ name: textOf(name), arguments: given }));
}

function judge(status: number, message: string, amendments: ReadonlySet<Amendment>): Judgement | undefined {
  if (status === 503 && /busy|maximum pending requests/i.test(message))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status === 429 && /(?:week|month)ly usage limit/i.test(message))
    return { verdict: "stop", code: "NO_CREDIT" };
  if (/exceeds? the (?:available )?context|context (?:length|size|window)/i.test(message))
    return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  if (status !== 400 && status !== 500) return undefined;
  const amendment = findAmendment(message, amendments);
  if (amendment !== undefined) return { verdict: "amend", code: "BAD_REQUEST", amendment };
  return status === 400 ? { verdict: "fail", code: "BAD_REQUEST" } : undefined;
}

function findAmendment(message: string, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  if (/does not support thinking/i.test(message)) return nextAmendment(amendments, "omit:reasoning_effort");
  if (/think value|invalid think/i.test(message))
    return nextAmendment(amendments, THINK_OR_NOT, "omit:reasoning_effort");
  if (
    /invalid format|invalid JSON schema|failed to (?:parse|load|create) grammar|grammar|structured output/i.test(
      message,
    )
  )
    return nextAmendment(amendments, JSON_OBJECT, JSON_WORDS);
  return undefined;
}
