import { describe, expect, it } from "vitest";
import { togetherBatchSpec } from "../../../fixtures/together-batches.ts";
import { bodyOf, json, JSON_QUESTION, nested } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { together } from "../../index.ts";
import { testProvider } from "../../testing.ts";

const ANSWER = json(
  200,
  {
    id: "nz7Jk2-4Yz4kd",
    object: "chat.completion",
    model: "openai/gpt-oss-120b",
    prompt: [],
    choices: [
      {
        index: 0,
        seed: 17,
        finish_reason: "eos",
        logprobs: null,
        message: { role: "assistant", content: "Blue.", tool_calls: [], reasoning: "Scattering…" },
      },
      {
        index: 1,
        finish_reason: "length",
        logprobs: null,
        message: { role: "assistant", content: "Mos", tool_calls: [] },
      },
    ],
    usage: { prompt_tokens: 76, completion_tokens: 45, total_tokens: 121, cached_tokens: 0 },
  },
  {
    "x-ratelimit-limit": "10",
    "x-ratelimit-remaining": "9",
    "x-ratelimit-reset": "1",
    "x-tokenlimit-limit": "3000",
    "x-tokenlimit-remaining": "2879",
  },
);

describe("together", () => {
  testProvider(it, {
    provider: (apiKey) => together({ model: "openai/gpt-oss-120b", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: ANSWER,
      texts: ["Blue.", "Mos"],
      finishReasons: ["stop", "length"],
      inputTokens: 76,
      outputTokens: 45,
      limits: [
        { dimension: "requests", windowMs: 60_000, limit: 600, remaining: 540 },
        { dimension: "tokens", windowMs: 60_000, limit: 180_000, remaining: 172_740 },
      ],
    },
    errors: [
      {
        name: "bad key",
        response: nested(401, "Invalid API key provided.", {
          type: "invalid_request_error",
          code: "invalid_api_key",
        }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "no credit",
        response: nested(402, "Credit limit exceeded.", { type: "credit_limit", code: null }),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "unknown model",
        response: nested(404, "Unable to access model nobody/nothing. Please visit the list of models.", {
          type: "invalid_request_error",
          code: "model_not_available",
        }),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "throttle",
        response: nested(429, "Request was rejected due to request rate limiting.", {
          type: "request_rate_limit",
        }),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "lack of capacity",
        response: nested(503, "The server is overloaded.", { type: "service_unavailable" }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: nested(422, "Input validation error", { type: "invalid_request_error" }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "context too long",
        response: nested(
          422,
          "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193, the maximum context length of the model",
          { type: "invalid_request_error" },
        ),
        verdict: "fail",
        code: "CONTEXT_TOO_LONG",
      },
    ],
    batch: togetherBatchSpec(JSON.parse(ANSWER.body), "Blue."),
  });

  it("the provider describes the shape to Together also in words", () => {
    const body = bodyOf(together({ model: "m", apiKey: "k" }), JSON_QUESTION);
    expect(body).toHaveProperty("response_format.json_schema.schema.properties.colour");
    expect(JSON.stringify(body["messages"])).toContain("Answer with JSON");
  });
});
