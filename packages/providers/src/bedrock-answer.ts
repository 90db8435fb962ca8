import type { Choice, FinishReason, Usage } from "@parallel-parrot/core";
import { classifyBedrockError } from "./bedrock-error.ts";
import { countOf, fieldsOf, isFields, parseJson, textOf, type Fields } from "./json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "./provider.ts";
import { notJson, rejected } from "./rejected.ts";

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  content_filtered: "content_filter",
  guardrail_intervened: "content_filter",
  refusal: "refusal",
};

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
  if (response.status < 200 || response.status >= 300)
    return rejected(classifyBedrockError(body, response, amendments));
  const { content } = fieldsOf(fieldsOf(fieldsOf(body)["output"])["message"]);
  if (!isFields(body) || !Array.isArray(content))
    return rejected({ verdict: "retry", code: "BAD_RESPONSE", message: notJson(response) });
  const choices = [readChoice(textOf(body["stopReason"]), content.map(fieldsOf))];
  return { ok: true, completion: { choices, model, usage: readUsage(fieldsOf(body["usage"])) } };
}

/** The arguments of the forced tool are the answer; without it, the text is. */
function readChoice(reason: string, blocks: readonly Fields[]): Choice {
  const tool = blocks.map(({ toolUse }) => toolUse).find(isFields);
  const text =
    tool === undefined
      ? blocks.map((block) => textOf(block["text"])).join("")
      : JSON.stringify(tool["input"] ?? {});
  if (reason === "tool_use" && tool !== undefined) return { text, finishReason: "stop" };
  return { text, finishReason: FINISH_REASONS[reason] ?? "other" };
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
