import { type Choice, isRecord, type Usage } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { readOllamaRefusal } from "./errors.ts";
import { countOf, fieldsOf, listOf, parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { isSuccess } from "../errors/rejected.ts";

/** Reads a response of the Chat API, of any status. */
export function readOllamaAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const body = parseJson(response.body);
  // A stream that broke off behind its first line looks like an answer that is not done.
  if (isSuccess(response) && isRecord(body) && isRecord(body["message"]) && body["done"] !== false) {
    const usage = readUsage(body);
    const choices = [readChoice(body["message"], body["done_reason"], response)];
    return { ok: true, completion: { choices, model: textOf(body["model"]), usage } };
  }
  return readOllamaRefusal(body, response, amendments);
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
