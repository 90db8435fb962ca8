import { finishWord, partsOf, type AnswerPart, type FinishWords } from "./answer-parts.ts";
import { readBearer } from "./credentials.ts";
import type { Dialect, SimAnswer, SimChoice, SimRequest, SimResponse } from "./dialect.ts";
import { formatGoDuration } from "./go-duration.ts";
import { writeOpenaiError } from "./openai-error.ts";
import { writeOpenaiLimits } from "./openai-limits.ts";
import { readOpenaiRequest } from "./openai-request.ts";
import { usageOf } from "./usage.ts";

/** The OpenAI Chat Completions API, and the many servers that speak it. */
export const openaiDialect: Dialect = {
  name: "openai",
  basePath: "/v1",

  matchRoute({ method, path }) {
    if (method === "POST" && path === "/v1/chat/completions") return { kind: "completion" };
    if (method === "GET" && path === "/v1/models") return { kind: "models" };
    return undefined;
  },

  readKey: readBearer,

  readRequest: readOpenaiRequest,

  writeAnswer: writeOpenaiAnswer,

  writeModels(models) {
    const data = models.map((id) => ({ id, object: "model", created: 1_767_225_600, owned_by: "simulator" }));
    return { status: 200, headers: {}, body: { object: "list", data } };
  },

  writeError: writeOpenaiError,

  writeLimits: (limits, waitMs) => writeOpenaiLimits(limits, waitMs, formatGoDuration),
};

/** A whole answer, as chat completions have it. */
function writeOpenaiAnswer(answer: SimAnswer, request: SimRequest): SimResponse {
  const { id, model, choices } = answer;
  const usage = usageOf(answer);
  const body = {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    // Always the same, so that the same request has the same answer to the byte.
    created: 1_767_225_600,
    model,
    choices: choices.map((choice, index) => writeChoice(choice, index, answer, request)),
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.total,
      prompt_tokens_details: { cached_tokens: usage.cached },
      completion_tokens_details: { reasoning_tokens: usage.thinking },
    },
    service_tier: "default",
  };
  return { status: 200, headers: { "x-request-id": `req_${id}` }, body };
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
  return { index, message, logprobs: null, finish_reason: finishWord(choice, parts, FINISH_WORDS) };
}

/** Calls of functions with their arguments as text; `undefined` where there are none. */
export function writeToolCalls(parts: readonly AnswerPart[], id: string): unknown {
  const calls = parts.filter((part) => part.type === "tool");
  if (calls.length === 0) return undefined;
  return calls.map(({ name, text }) => ({ id, type: "function", function: { name, arguments: text } }));
}
