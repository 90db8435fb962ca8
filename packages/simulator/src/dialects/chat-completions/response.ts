import { CREATED } from "../created.ts";
import { finishWord, partsOf, type AnswerPart, type FinishWords } from "../answer-parts.ts";
import type { ChatStyle } from "./style.ts";
import type { SimAnswer, SimChoice, SimRequest, SimResponse } from "../../dialect.ts";
import { usageOf, type Usage } from "../usage.ts";

/** Writes a response of Chat Completions. */
export function writeChatAnswer(answer: SimAnswer, request: SimRequest, style: ChatStyle): SimResponse {
  const { id, model, choices } = answer;
  const usage = usageOf(answer);
  const { writeUsage = writeOpenaiUsage } = style;
  const body = {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: CREATED,
    model,
    choices: choices.map((choice, index) => writeChoice(choice, index, answer, request, style)),
    usage: writeUsage(usage),
    service_tier: "default",
  };
  return { status: 200, headers: { "x-request-id": `req_${id}` }, body };
}

/** Writes the usage as OpenAI does. */
export function writeOpenaiUsage(usage: Usage): object {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.total,
    prompt_tokens_details: {
      cached_tokens: usage.cached,
      ...(usage.written > 0 && { cache_write_tokens: usage.written }),
    },
    completion_tokens_details: { reasoning_tokens: usage.thinking },
  };
}

const FINISH_WORDS: FinishWords = {
  stop: "stop",
  stopText: "stop",
  tool: "tool_calls",
  length: "length",
  contentFilter: "content_filter",
  refusal: "stop",
  failed: "error",
};

function writeChoice(
  choice: SimChoice,
  index: number,
  { id, contentIsList = false }: SimAnswer,
  { shape }: SimRequest,
  { finishWords }: ChatStyle,
): unknown {
  const { text, thinking } = choice;
  const parts = partsOf(choice, shape);
  const refused = choice.finish === "refusal";
  const calls = writeToolCalls(parts, `call_${id}${index}`);
  const content = contentIsList ? [{ type: "text", text }] : text;
  const message = {
    role: "assistant",
    content: refused || calls !== undefined ? null : content,
    refusal: refused ? text : null,
    ...(thinking !== undefined && { reasoning_content: thinking }),
    ...(calls !== undefined && { tool_calls: calls }),
  };
  const words = { ...FINISH_WORDS, ...finishWords };
  return { index, message, logprobs: null, finish_reason: finishWord(choice, parts, words) };
}

/** Writes tool calls with their arguments as text; `undefined` if there are none. */
export function writeToolCalls(parts: readonly AnswerPart[], id: string): unknown {
  const calls = parts.filter((part) => part.type === "tool");
  if (calls.length === 0) return undefined;
  return calls.map(({ name, text }) => ({ id, type: "function", function: { name, arguments: text } }));
}
