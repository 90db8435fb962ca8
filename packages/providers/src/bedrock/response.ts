import { type Choice, type Usage, isRecord } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { readBedrockRefusal } from "./errors.ts";
import { countOf, fieldsOf, parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { isSuccess } from "../errors/rejected.ts";

/**
 * Reads a response of the Converse API, of any status.
 *
 * @param model the model that was asked: the response does not name it
 */
export function readBedrockAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
  model: string,
): ProviderAnswer {
  const body = parseJson(response.body);
  const { content } = fieldsOf(fieldsOf(fieldsOf(body)["output"])["message"]);
  if (!isSuccess(response) || !isRecord(body) || !Array.isArray(content))
    return readBedrockRefusal(body, response, amendments);
  const choices = [readChoice(body["stopReason"], content.map(fieldsOf), response)];
  return { ok: true, completion: { choices, model, usage: readUsage(fieldsOf(body["usage"])) } };
}

function readChoice(reason: unknown, blocks: readonly Fields[], response: ProviderResponse): Choice {
  const thoughts = blocks.map(({ reasoningContent }) =>
    fieldsOf(fieldsOf(reasoningContent)["reasoningText"]),
  );
  return answerChoice({
    text: blocks.map((block) => textOf(block["text"])).join(""),
    reason,
    thoughts: thoughts.map((thought) => textOf(thought["text"])).join(""),
    calls: blocks.some(({ toolUse }) => isRecord(toolUse)) ? readCalls(response) : [],
  });
}

function readCalls({ body }: ProviderResponse): ToolCall[] {
  const { content } = fieldsOf(fieldsOf(fieldsOf(parseWritten(body))["output"])["message"]);
  const blocks = Array.isArray(content) ? content.map(fieldsOf) : [];
  const uses = blocks.map(({ toolUse }) => toolUse).filter(isRecord);
  return uses.map(({ name, input }) => ({ name: textOf(name), arguments: input }));
}

/** The API does not count tokens read from or written to the cache as input. */
function readUsage(usage: Fields): Usage {
  const cachedInputTokens = countOf(usage["cacheReadInputTokens"]);
  const cacheWriteTokens = countOf(usage["cacheWriteInputTokens"]);
  return {
    requests: 1,
    inputTokens: countOf(usage["inputTokens"]) + cachedInputTokens + cacheWriteTokens,
    outputTokens: countOf(usage["outputTokens"]),
    cachedInputTokens,
    reasoningTokens: 0,
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  };
}
