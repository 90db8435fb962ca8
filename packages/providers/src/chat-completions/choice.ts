import { type Choice, isRecord } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { readContent } from "../response/read-content.ts";
import { fieldsOf, listOf, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { ProviderResponse } from "../provider.ts";

/**
 * Reads one of the `choices` of Chat Completions, or of the older Completions (`choices[].text`).
 *
 * @param at the choice's position among the choices
 */
export function readChatChoice(choice: Fields, at: number, response: ProviderResponse): Choice {
  const message = fieldsOf(choice["message"]);
  const refusal = textOf(message["refusal"]);
  if (refusal !== "") return { text: refusal, finishReason: "refusal" };
  const { text, thoughts } = readContent(message["content"] ?? choice["text"]);
  const calls = text.trim() === "" ? readCalls(message) : [];
  return answerChoice({
    text,
    reason: choice["finish_reason"],
    thoughts: textOf(message["reasoning_content"]) || textOf(message["reasoning"]) || thoughts,
    // Arguments should be a JSON text, but some servers give the value itself. It is read again for its exact numbers.
    calls: calls.some((call) => typeof call.arguments !== "string") ? rereadCalls(response, at) : calls,
  });
}

function readCalls({ tool_calls: calls, function_call: call }: Fields): ToolCall[] {
  const functions = listOf(calls).map((each) => fieldsOf(each)["function"]);
  return [...functions, call]
    .filter(isRecord)
    .map(({ name, arguments: given }) => ({ name: textOf(name), arguments: given }));
}

function rereadCalls({ body }: ProviderResponse, at: number): ToolCall[] {
  const choice = listOf(fieldsOf(parseWritten(body))["choices"])[at];
  return readCalls(fieldsOf(fieldsOf(choice)["message"]));
}
