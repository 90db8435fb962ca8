import { type Choice, type Usage, isRecord } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { classifyBedrockError } from "./errors.ts";
import { countOf, fieldsOf, parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { badResponse, isSuccess, notJson, rejected } from "../errors/rejected.ts";

/**
 * Reads any response of the Converse API.
 *
 * @param model who was asked: the answer does not say it
 */
export function readBedrockAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
  model: string,
): ProviderAnswer {
  const body = parseJson(response.body);
  if (!isSuccess(response)) return rejected(classifyBedrockError(body, response, amendments));
  const { content } = fieldsOf(fieldsOf(fieldsOf(body)["output"])["message"]);
  if (!isRecord(body) || !Array.isArray(content)) return badResponse(notJson(response));
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

/** The API counts what it reads from the cache and writes to it apart from the input. */
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
