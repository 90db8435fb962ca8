import { describe, expect, it } from "vitest";
import { bodyOf, FULL_QUESTION, json, JSON_QUESTION, nested } from "../../fixtures/responses.ts";
import { STREAMS } from "../../fixtures/streams.ts";
import { openaiResponses } from "../index.ts";
import { openaiBatchSpec } from "../../fixtures/batches.ts";
import { testProvider } from "../testing.ts";

const ANSWER = {
  id: "resp_67cb",
  object: "response",
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "gpt-6-luna",
  output: [
    { id: "rs_1", type: "reasoning", summary: [] },
    {
      id: "msg_1",
      type: "message",
      status: "completed",
      role: "assistant",
      phase: "commentary",
      content: [{ type: "output_text", text: "Let me see.", annotations: [] }],
    },
    {
      id: "msg_2",
      type: "message",
      status: "completed",
      role: "assistant",
      phase: "final_answer",
      content: [
        { type: "output_text", text: "Bl", annotations: [] },
        { type: "output_text", text: "ue.", annotations: [] },
      ],
    },
  ],
  store: false,
  usage: {
    input_tokens: 1300,
    input_tokens_details: { cached_tokens: 1152, cache_write_tokens: 100 },
    output_tokens: 70,
    output_tokens_details: { reasoning_tokens: 64 },
    total_tokens: 1370,
  },
};

const failed = (code: string, message: string) =>
  json(200, { ...ANSWER, status: "failed", error: { code, message }, output: [], usage: null });

describe("openaiResponses", () => {
  const provider = openaiResponses({ model: "gpt-6-luna", apiKey: "k" });

  testProvider(it, {
    provider: (apiKey) => openaiResponses({ model: "gpt-6-luna", apiKey }),
    stream: STREAMS.responses,
    batch: openaiBatchSpec(ANSWER, "Blue."),
    answer: {
      response: json(200, ANSWER, {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-limit-tokens": "-1",
      }),
      texts: ["Blue."],
      finishReasons: ["stop"],
      inputTokens: 1300,
      outputTokens: 70,
      cachedInputTokens: 1152,
      reasoningTokens: 64,
      limits: [{ dimension: "requests", windowMs: 60_000, limit: 500, remaining: 499 }],
    },
    errors: [
      {
        name: "bad key",
        response: nested(401, "Incorrect API key provided: sk-ab***yz.", { code: "invalid_api_key" }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: nested(400, "The requested model 'gpt-9' does not exist.", { code: "model_not_found" }),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "throttle",
        response: nested(429, "Rate limit reached. Please try again in 41.7s.", {
          code: "rate_limit_exceeded",
        }),
        verdict: "wait",
        code: "RATE_LIMITED",
        retryAfterMs: 41_700,
      },
      {
        name: "throttle in a successful response",
        response: failed("rate_limit_exceeded", "Rate limit reached. Please try again in 2s."),
        verdict: "wait",
        code: "RATE_LIMITED",
        retryAfterMs: 2000,
      },
      {
        name: "server error in a successful response",
        response: failed("server_error", "The server had an error."),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "a prompt that is not answered",
        response: failed("invalid_prompt", "The prompt was flagged."),
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "a policy on what is asked",
        response: failed("bio_policy", "This is not answered."),
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "an answer that is not finished",
        response: json(200, { ...ANSWER, status: "in_progress" }),
        verdict: "retry",
        code: "BAD_RESPONSE",
      },
      {
        name: "server error",
        response: nested(500, "The server had an error", { type: "server_error" }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: nested(400, "Invalid 'input': empty array.", { type: "invalid_request_error" }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "a parameter the model does not take",
        response: nested(400, "Unsupported parameter: 'temperature' is not supported with this model.", {
          type: "invalid_request_error",
          param: "temperature",
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "an effort the model does not have",
        response: nested(400, "Unsupported value: 'low' is not supported with this model.", {
          param: "reasoning.effort",
          code: "unsupported_value",
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "a format the model does not have",
        response: nested(400, "Invalid parameter: 'text.format' of type 'json_schema' is not supported.", {
          param: "text.format",
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
  });

  it("openaiResponses sends the Responses API only the parameters that it has, and forbids it to store", () => {
    expect(bodyOf(provider, { ...FULL_QUESTION, n: 1 })).toEqual({
      model: "gpt-6-luna",
      input: FULL_QUESTION.prompt.messages,
      store: false,
      temperature: 0.5,
      top_p: 0.75,
      max_output_tokens: 100,
      reasoning: { effort: "low" },
    });
    expect(provider.buildRequest(FULL_QUESTION, new Set())).toMatchObject({
      url: "https://api.openai.com/v1/responses",
      maxOutputTokens: 100,
    });
  });

  it("openaiResponses sends the schema in the field that the Responses API has for it", () => {
    expect(bodyOf(provider, JSON_QUESTION)).toHaveProperty("text.format", {
      type: "json_schema",
      name: "sky",
      strict: true,
      schema: expect.objectContaining({ required: ["colour"] }),
    });
    expect(bodyOf(provider, JSON_QUESTION, "json:object")).toMatchObject({
      text: { format: { type: "json_object" } },
      input: [{ role: "system" }, { role: "user" }],
    });
  });

  it("openaiResponses reads refusals and answers that were cut off from the Responses API", () => {
    const read = (more: Readonly<Record<string, unknown>>) =>
      provider.readResponse(json(200, { ...ANSWER, ...more }), new Set());
    const content = [{ type: "refusal", refusal: "I cannot." }];
    expect(read({ output: [{ type: "message", content }] })).toMatchObject({
      completion: { choices: [{ text: "I cannot.", finishReason: "refusal" }] },
    });
    const reasons = ["max_output_tokens", "content_filter"].map((reason) =>
      read({ status: "incomplete", incomplete_details: { reason } }),
    );
    expect(reasons).toMatchObject([
      { completion: { choices: [{ text: "Blue.", finishReason: "length" }] } },
      { completion: { choices: [{ text: "Blue.", finishReason: "content_filter" }] } },
    ]);
    expect(read({})).toMatchObject({ completion: { usage: { cacheWriteTokens: 100 } } });
  });

  it("openaiResponses tells the usage of an answer that failed in the Responses API", () => {
    const response = json(200, {
      ...ANSWER,
      status: "failed",
      error: { code: "server_error", message: "No" },
    });
    expect(provider.readResponse(response, new Set())).toMatchObject({ usage: { outputTokens: 70 } });
  });
});
