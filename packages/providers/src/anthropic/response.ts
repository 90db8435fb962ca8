import { type Choice, type Usage, isRecord } from "@parallel-parrot/core";
import { answerChoice, type ToolCall } from "../response/answer-choice.ts";
import { readAnthropicRefusal } from "./errors.ts";
import { finishReasonOf } from "../response/finish-reason.ts";
import { countOf, fieldsOf, parseJson, parseWritten, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { isSuccess } from "../errors/rejected.ts";

/** Reads a response of the Messages API, of any status. */
export function readAnthropicAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const body = parseJson(response.body);
  if (isSuccess(response) && isRecord(body) && Array.isArray(body["content"])) {
    return {
      ok: true,
      completion: {
        choices: [readChoice(body, body["content"].map(fieldsOf), response)],
        model: textOf(body["model"]),
        usage: readUsage(fieldsOf(body["usage"])),
      },
    };
  }
  return readAnthropicRefusal(body, response, amendments);
}

function readChoice(body: Fields, blocks: readonly Fields[], response: ProviderResponse): Choice {
  const reason = body["stop_reason"];
  const written = joinBlocks(blocks, "text", "text");
  const isRefusal = finishReasonOf(reason) === "refusal";
  return answerChoice({
    text: written === "" && isRefusal ? textOf(fieldsOf(body["stop_details"])["explanation"]) : written,
    reason,
    thoughts: joinBlocks(blocks, "thinking", "thinking"),
    calls: blocks.some(isToolUse) && !isRefusal ? readCalls(response) : [],
  });
}

function joinBlocks(blocks: readonly Fields[], type: string, field: string): string {
  return blocks.map((block) => (block["type"] === type ? textOf(block[field]) : "")).join("");
}

function isToolUse({ type }: Fields): boolean {
  return type === "tool_use";
}

function readCalls({ body }: ProviderResponse): ToolCall[] {
  const { content } = fieldsOf(parseWritten(body));
  const blocks = Array.isArray(content) ? content.map(fieldsOf) : [];
  return blocks.filter(isToolUse).map(({ name, input }) => ({ name: textOf(name), arguments: input }));
}

/** The API does not count tokens read from or written to the cache as input. It counts thinking as output. */
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
