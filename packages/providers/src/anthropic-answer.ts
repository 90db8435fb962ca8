import type { Choice, FinishReason, Usage } from "@parallel-parrot/core";
import { classifyAnthropicError } from "./anthropic-error.ts";
import { countOf, fieldsOf, isFields, parseJson, textOf, type Fields } from "./json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "./provider.ts";
import { notJson, rejected } from "./rejected.ts";

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "refusal",
};

/** Reads any response of the Messages API. */
export function readAnthropicAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const body = parseJson(response.body);
  const isOk = response.status >= 200 && response.status < 300;
  if (isOk && isFields(body) && Array.isArray(body["content"])) {
    return {
      ok: true,
      completion: {
        choices: [readChoice(body, body["content"].map(fieldsOf))],
        model: textOf(body["model"]),
        usage: readUsage(fieldsOf(body["usage"])),
      },
    };
  }
  if (isOk && !(isFields(body) && body["type"] === "error"))
    return rejected({ verdict: "retry", code: "BAD_RESPONSE", message: notJson(response) });
  return rejected(classifyAnthropicError(body, response, amendments));
}

/** The arguments of the forced tool are the answer; without it, the text is. */
function readChoice(body: Fields, blocks: readonly Fields[]): Choice {
  const reason = textOf(body["stop_reason"]);
  const tool = blocks.find(({ type }) => type === "tool_use");
  const written = blocks.map(({ type, text }) => (type === "text" ? textOf(text) : "")).join("");
  const text = tool === undefined ? written : JSON.stringify(tool["input"] ?? {});
  if (reason === "refusal")
    return {
      text: text || textOf(fieldsOf(body["stop_details"])["explanation"]),
      finishReason: "refusal",
    };
  if (reason === "tool_use" && tool !== undefined) return { text, finishReason: "stop" };
  return { text, finishReason: FINISH_REASONS[reason] ?? "other" };
}

/** The API counts what it reads from the cache and writes to it apart from the input; thinking is in the output. */
function readUsage(usage: Fields): Usage {
  const cachedInputTokens = countOf(usage["cache_read_input_tokens"]);
  const cacheWriteTokens = countOf(usage["cache_creation_input_tokens"]);
  return {
    requests: 1,
    inputTokens: countOf(usage["input_tokens"]) + cachedInputTokens + cacheWriteTokens,
    outputTokens: countOf(usage["output_tokens"]),
    cachedInputTokens,
    reasoningTokens: countOf(fieldsOf(usage["output_tokens_details"])["thinking_tokens"]),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  };
}
