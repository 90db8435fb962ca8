import { finishWord, partsOf, type AnswerPart, type FinishWords } from "../answer-parts.ts";
import { anthropicBatchApi } from "./batches.ts";
import { writeAnthropicError } from "./errors.ts";
import { writeAnthropicLimits } from "./limits.ts";
import { readAnthropicRequest } from "./request.ts";
import { readBearer, readHeader } from "../credentials.ts";
import type { Dialect, SimAnswer, SimRequest, SimResponse } from "../../dialect.ts";
import { anthropicStream } from "./stream.ts";
import { usageOf } from "../usage.ts";

/** The Anthropic Messages API. */
export const anthropicDialect: Dialect = {
  name: "anthropic",
  basePath: "",
  countsCached: false,

  matchRoute({ method, path }) {
    if (method === "POST" && path === "/v1/messages") return { kind: "completion" };
    if (method === "GET" && path === "/v1/models") return { kind: "models" };
    return undefined;
  },

  readKey: (headers) => readHeader(headers, "x-api-key") ?? readBearer(headers),
  readRequest: readAnthropicRequest,
  batches: anthropicBatchApi,
  writeAnswer,
  stream: anthropicStream,

  writeModels(models) {
    const data = models.map((id) => ({
      type: "model",
      id,
      display_name: id,
      created_at: "2026-01-01T00:00:00Z",
    }));
    const [first_id = null, last_id = null] = [models[0], models.at(-1)];
    return { status: 200, headers: {}, body: { data, has_more: false, first_id, last_id } };
  },

  writeError: writeAnthropicError,
  writeLimits: writeAnthropicLimits,
};

/** The API has no word for a failure, so an answer that it gives up on looks as if it were to be continued. */
const STOP_REASONS: FinishWords = {
  stop: "end_turn",
  stopText: "stop_sequence",
  tool: "tool_use",
  length: "max_tokens",
  contentFilter: "refusal",
  refusal: "refusal",
  failed: "pause_turn",
};

function writeAnswer(answer: SimAnswer, { shape }: SimRequest): SimResponse {
  const { id, model, choices } = answer;
  const choice = choices[0] ?? { text: "", finish: "stop" };
  const parts = partsOf(choice, shape);
  const stop_reason = finishWord(choice, parts, STOP_REASONS);
  const body = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model,
    content: parts.map((part) => writeBlock(part, id)),
    stop_reason,
    stop_sequence: choice.stopText ?? null,
    ...(stop_reason === "refusal" && {
      stop_details: { type: "refusal", category: null, explanation: choice.text || null },
    }),
    usage: writeUsage(answer),
  };
  return { status: 200, headers: { "request-id": `req_${id}` }, body };
}

function writeBlock(part: AnswerPart, id: string): unknown {
  switch (part.type) {
    case "thinking":
      return { type: "thinking", thinking: part.text, signature: `sig${id}` };
    case "tool":
      return { type: "tool_use", id: `toolu_${id}`, name: part.name, input: part.input };
    case "text":
    case "refusal":
    default:
      return { type: "text", text: part.text };
  }
}

/** The API counts the input without what was read from a cache or written to one, and the output with the thinking. */
function writeUsage(answer: SimAnswer): unknown {
  const { fresh, cached, written, output, thinking } = usageOf(answer);
  return {
    input_tokens: fresh,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: thinking },
    service_tier: "standard",
  };
}
