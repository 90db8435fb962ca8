import { finishWord, partsOf, type AnswerPart, type FinishWords } from "../answer-parts.ts";
import { writeCohereError } from "./errors.ts";
import { readCohereRequest } from "./request.ts";
import { readBearer } from "../credentials.ts";
import type { Dialect, SimAnswer, SimRequest, SimResponse } from "../../dialect.ts";
import { writeToolCalls } from "../chat-completions/response.ts";
import { countTemplateTokens } from "../../tokens.ts";
import { cohereStream } from "./stream.ts";
import { usageOf } from "../usage.ts";

/** Version 2 of Cohere's chat API. */
export const cohereDialect: Dialect = {
  name: "cohere",
  basePath: "",
  // Blocked content is an error, in a prompt and in an answer.
  filters: { prompt: "error", answer: "error" },

  matchRoute({ method, path }) {
    if (method === "POST" && path === "/v2/chat") return { kind: "completion" };
    return method === "GET" && path === "/v1/models" ? { kind: "models" } : undefined;
  },

  readKey: readBearer,
  readRequest: readCohereRequest,
  writeAnswer,
  stream: cohereStream,

  writeModels(models) {
    const list = models.map((name) => ({ name, endpoints: ["chat"] }));
    return { status: 200, headers: {}, body: { models: list } };
  },

  writeError: writeCohereError,
  // Only the message of a refusal tells the limits.
  writeLimits: () => ({}),
};

const FINISH_REASONS: FinishWords = {
  stop: "COMPLETE",
  stopText: "STOP_SEQUENCE",
  tool: "TOOL_CALL",
  length: "MAX_TOKENS",
  refusal: "COMPLETE",
  failed: "ERROR",
};

function writeAnswer(answer: SimAnswer, { shape, messages }: SimRequest): SimResponse {
  const { id, choices } = answer;
  const choice = choices[0] ?? { text: "", finish: "stop" };
  const parts = partsOf(choice, shape);
  const content = parts.filter(({ type }) => type !== "tool").map(writePart);
  const calls = writeToolCalls(parts, `call_${id}`);
  const { input, cached, output } = usageOf(answer);
  const billed = { input_tokens: input - countTemplateTokens(messages), output_tokens: output };
  const body = {
    id,
    finish_reason: finishWord(choice, parts, FINISH_REASONS),
    message: {
      role: "assistant",
      ...(content.length > 0 && { content }),
      ...(calls !== undefined && { tool_calls: calls }),
    },
    usage: {
      billed_units: billed,
      tokens: { input_tokens: input, output_tokens: output },
      cached_tokens: cached,
    },
  };
  return { status: 200, headers: {}, body };
}

function writePart({ type, text }: AnswerPart): unknown {
  return type === "thinking" ? { type, thinking: text } : { type: "text", text };
}
