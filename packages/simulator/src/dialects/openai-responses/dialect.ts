import { CREATED } from "../created.ts";
import { partsOf, type AnswerPart } from "../answer-parts.ts";
import type { Dialect, SimAnswer, SimChoice, SimFinish, SimRequest, SimResponse } from "../../dialect.ts";
import { openaiDialect } from "../chat-completions/vendors/openai.ts";
import { readResponsesRequest } from "./request.ts";
import { responsesStream } from "./stream.ts";
import { usageOf } from "../usage.ts";

/** OpenAI's Responses API. Base URL, keys, limits and errors are those of {@linkcode openaiDialect}. */
export const responsesDialect: Dialect = {
  ...openaiDialect,
  name: "openai-responses",

  matchRoute({ method, path }) {
    return method === "POST" && path === "/v1/responses" ? { kind: "completion" } : undefined;
  },

  readRequest: readResponsesRequest,
  writeAnswer: writeResponsesAnswer,
  stream: responsesStream,
};

interface State {
  readonly status: "completed" | "incomplete" | "failed";
  readonly incomplete_details: { readonly reason: string } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const COMPLETED: State = { status: "completed", incomplete_details: null, error: null };

const STATES: Readonly<Record<SimFinish, State>> = {
  stop: COMPLETED,
  refusal: COMPLETED,
  length: { ...COMPLETED, status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
  contentFilter: { ...COMPLETED, status: "incomplete", incomplete_details: { reason: "content_filter" } },
  failed: {
    ...COMPLETED,
    status: "failed",
    error: {
      code: "server_error",
      message: "The model had an error while producing the response. Sorry about that!",
    },
  },
};

/** Writes a response of the Responses API. */
function writeResponsesAnswer(answer: SimAnswer, request: SimRequest): SimResponse {
  const { id, model, choices } = answer;
  const choice = choices[0];
  const { params } = request;
  const body = {
    id: `resp_${id}`,
    object: "response",
    created_at: CREATED,
    ...STATES[choice?.finish ?? "stop"],
    background: false,
    instructions: params["instructions"] ?? null,
    max_output_tokens: params["max_output_tokens"] ?? null,
    metadata: params["metadata"] ?? {},
    model,
    output: choice === undefined ? [] : writeOutput(choice, request, id),
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: params["reasoning"] ?? { effort: null, summary: null },
    service_tier: "default",
    store: params["store"] ?? true,
    temperature: params["temperature"] ?? 1,
    text: params["text"] ?? { format: { type: "text" } },
    tool_choice: params["tool_choice"] ?? "auto",
    tools: params["tools"] ?? [],
    top_p: params["top_p"] ?? 1,
    truncation: params["truncation"] ?? "disabled",
    usage: writeUsage(answer),
  };
  return { status: 200, headers: { "x-request-id": `req_${id}` }, body };
}

/** Writes the thoughts, then a message or a call. A complete answer without text has a message all the same. */
function writeOutput(choice: SimChoice, { shape }: SimRequest, id: string): readonly unknown[] {
  const parts = partsOf(choice, shape);
  const isSilent = choice.finish === "stop" && parts.every(({ type }) => type === "thinking");
  const all: readonly AnswerPart[] = isSilent ? [...parts, { type: "text", text: "" }] : parts;
  return all.map((part) => writeItem(part, id, choice.finish === "length" ? "incomplete" : "completed"));
}

function writeItem(part: AnswerPart, id: string, status: string): unknown {
  switch (part.type) {
    case "thinking":
      return { id: `rs_${id}`, type: "reasoning", summary: [{ type: "summary_text", text: part.text }] };
    case "tool":
      return {
        id: `fc_${id}`,
        type: "function_call",
        status,
        call_id: `call_${id}`,
        name: part.name,
        arguments: part.text,
      };
    case "text":
    case "refusal":
    default: {
      const content =
        part.type === "refusal"
          ? { type: "refusal", refusal: part.text }
          : { type: "output_text", text: part.text, annotations: [], logprobs: [] };
      return { id: `msg_${id}`, type: "message", status, role: "assistant", content: [content] };
    }
  }
}

function writeUsage(answer: SimAnswer): unknown {
  const { input, cached, written, output, thinking, total } = usageOf(answer);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, ...(written > 0 && { cache_write_tokens: written }) },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: total,
  };
}
