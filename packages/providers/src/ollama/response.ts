import { type Choice, isRecord, type Usage } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { classifyOllamaError } from "./errors.ts";
import { readErrorBody } from "../errors/error-body.ts";
import { countOf, fieldsOf, listOf, parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { badResponse, isSuccess, notJson, rejected } from "../errors/rejected.ts";

/** Reads a response of the Chat API, of any status. */
export function readOllamaAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const body = parseJson(response.body);
  const isOk = isSuccess(response);
  if (isOk && isRecord(body) && isRecord(body["message"])) {
    const usage = readUsage(body);
    const choices = [readChoice(body["message"], body["done_reason"], response)];
    return { ok: true, completion: { choices, model: textOf(body["model"]), usage } };
  }
  if (isOk && readErrorBody(body).message === "") return badResponse(notJson(response));
  return rejected(classifyOllamaError(body, response, amendments));
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

/** The output includes the thinking, whose tokens the API does not tell. */
function readUsage(body: Fields): Usage {
  return {
    requests: 1,
    inputTokens: countOf(body["prompt_eval_count"]),
    outputTokens: countOf(body["eval_count"]),
    cachedInputTokens: 0,
    reasoningTokens: 0,
  };
}
