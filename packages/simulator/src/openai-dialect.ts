import type { Dialect, SimChoice } from "./dialect.ts";
import { formatGoDuration } from "./go-duration.ts";
import { writeOpenaiError } from "./openai-error.ts";
import { readOpenaiRequest } from "./openai-request.ts";

/** The OpenAI Chat Completions API, and the many servers that speak it. */
export const openaiDialect: Dialect = {
  name: "openai",
  basePath: "/v1",

  matchRoute({ method, path }) {
    if (method === "POST" && path === "/v1/chat/completions") return { kind: "completion" };
    if (method === "GET" && path === "/v1/models") return { kind: "models" };
    return undefined;
  },

  readKey({ authorization }) {
    return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  },

  readRequest: readOpenaiRequest,

  writeAnswer({ id, model, choices, inputTokens, outputTokens }) {
    const body = {
      id: `chatcmpl-${id}`,
      object: "chat.completion",
      // Always the same, so that the same request has the same answer to the byte.
      created: 1_767_225_600,
      model,
      choices: choices.map(writeChoice),
      usage: {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
      service_tier: "default",
    };
    return { status: 200, headers: { "x-request-id": `req_${id}` }, body };
  },

  writeModels(models) {
    const data = models.map((id) => ({ id, object: "model", created: 1_767_225_600, owned_by: "simulator" }));
    return { status: 200, headers: {}, body: { object: "list", data } };
  },

  writeError: writeOpenaiError,

  writeLimits(limits, waitMs) {
    const headers: Record<string, string> = {};
    for (const dimension of ["requests", "tokens"] as const) {
      const state = limits[dimension];
      if (state === undefined) continue;
      headers[`x-ratelimit-limit-${dimension}`] = String(state.limit);
      headers[`x-ratelimit-remaining-${dimension}`] = String(state.remaining);
      headers[`x-ratelimit-reset-${dimension}`] = formatGoDuration(state.resetMs);
    }
    if (waitMs !== undefined) {
      headers["retry-after"] = String(Math.ceil(waitMs / 1000));
      headers["retry-after-ms"] = String(Math.ceil(waitMs));
    }
    return headers;
  },
};

function writeChoice({ text, finish }: SimChoice, index: number): unknown {
  const refused = finish === "refusal";
  const message = { role: "assistant", content: refused ? null : text, refusal: refused ? text : null };
  const reasons = { stop: "stop", length: "length", contentFilter: "content_filter", refusal: "stop" };
  return { index, message, logprobs: null, finish_reason: reasons[finish] };
}
