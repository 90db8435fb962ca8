import { CREATED } from "../created.ts";
import { finishWord, partsOf, type FinishWords } from "../answer-parts.ts";
import { readBearer } from "../credentials.ts";
import type { Dialect, SimAnswer, SimChoice, SimRequest, SimResponse } from "../../dialect.ts";
import { mistralBatchApi } from "./batches.ts";
import { writeMistralError } from "./errors.ts";
import { readMistralRequest } from "./request.ts";
import { writeToolCalls } from "../chat-completions/response.ts";
import { chatStream } from "../chat-completions/stream.ts";
import { openaiDialect } from "../chat-completions/vendors/openai.ts";
import { usageOf } from "../usage.ts";

/** Chat completions of Mistral, which differ from OpenAI's in parameters, contents, limits and errors. */
export const mistralDialect: Dialect = {
  name: "mistral",
  basePath: "/v1",
  // Its guardrails only check prompts.
  filters: { prompt: "error", answer: "none" },
  // A refusal does not tell the limits.
  limitsOnRefusals: false,

  matchRoute: (target) => openaiDialect.matchRoute(target),
  readKey: readBearer,
  readRequest: readMistralRequest,
  batches: mistralBatchApi,
  writeAnswer,
  stream: chatStream("always"),
  writeModels: (models) => openaiDialect.writeModels(models),
  writeError: writeMistralError,

  writeLimits(limits) {
    const headers: Record<string, string> = {};
    for (const [dimension, name] of [
      ["requests", "req"],
      ["tokens", "tokens"],
    ] as const) {
      const state = limits[dimension];
      if (state === undefined) continue;
      headers[`x-ratelimit-limit-${name}-minute`] = String(state.limit);
      headers[`x-ratelimit-remaining-${name}-minute`] = String(state.remaining);
    }
    return headers;
  },
};

const FINISH_REASONS: FinishWords = {
  stop: "stop",
  stopText: "stop",
  tool: "tool_calls",
  length: "length",
  refusal: "stop",
  failed: "error",
};

function writeAnswer(answer: SimAnswer, request: SimRequest): SimResponse {
  const { id, model, choices } = answer;
  const usage = usageOf(answer);
  const body = {
    id,
    object: "chat.completion",
    created: CREATED,
    model,
    choices: choices.map((choice, index) => writeChoice(choice, index, answer, request)),
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.total,
      num_cached_tokens: usage.cached,
      prompt_tokens_details: { cached_tokens: usage.cached },
    },
  };
  return { status: 200, headers: {}, body };
}

function writeChoice(choice: SimChoice, index: number, answer: SimAnswer, { shape }: SimRequest): unknown {
  const parts = partsOf(choice, shape);
  // The ids of Mistral's tool calls have nine characters.
  const calls = writeToolCalls(parts, `${answer.id.slice(0, 8)}${index % 10}`);
  const message = {
    role: "assistant",
    content: calls === undefined ? writeContent(choice, answer.contentIsList ?? false) : "",
    tool_calls: calls ?? null,
    prefix: false,
  };
  return { index, message, finish_reason: finishWord(choice, parts, FINISH_REASONS) };
}

/** Writes the content: a text, or a list of chunks if there are thoughts. */
function writeContent({ text, thinking }: SimChoice, isList: boolean): unknown {
  if (thinking === undefined && !isList) return text;
  const chunk = { type: "text", text };
  if (thinking === undefined) return [chunk];
  return [{ type: "thinking", thinking: [{ type: "text", text: thinking }] }, chunk];
}
