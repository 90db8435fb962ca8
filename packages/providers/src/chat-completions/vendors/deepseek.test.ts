import { describe, expect, it } from "vitest";
import { bodyOf, FULL_QUESTION, JSON_QUESTION, nested, QUESTION } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { deepseek } from "../../index.ts";
import { testProvider } from "../../testing.ts";

/** Under load the response begins with blank lines that keep the connection alive. */
const ANSWER = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: `\n\n\n${JSON.stringify({
    id: "930c60df",
    object: "chat.completion",
    model: "deepseek-v4-flash",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Blue.", reasoning_content: "Rayleigh scattering." },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      prompt_tokens: 640,
      completion_tokens: 40,
      total_tokens: 680,
      prompt_cache_hit_tokens: 576,
      prompt_cache_miss_tokens: 64,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
  })}`,
};

describe("deepseek", () => {
  testProvider(it, {
    provider: (apiKey) => deepseek({ model: "deepseek-v4-flash", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: ANSWER,
      texts: ["Blue."],
      finishReasons: ["stop"],
      inputTokens: 640,
      outputTokens: 40,
      cachedInputTokens: 576,
      reasoningTokens: 30,
      limits: [],
    },
    errors: [
      {
        name: "bad key",
        response: nested(401, "Authentication Fails, Your api key: ****abcd is invalid", {
          type: "authentication_error",
          code: "invalid_request_error",
        }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: nested(400, "Model Not Exist", {
          type: "invalid_request_error",
          code: "invalid_request_error",
        }),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "no balance",
        response: nested(402, "Insufficient Balance", { code: "invalid_request_error" }),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "a prompt that is blocked",
        response: nested(400, "Content Exists Risk", {
          type: "invalid_request_error",
          code: "invalid_request_error",
        }),
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "too many at once",
        response: nested(429, "Rate limit reached: too many concurrent requests", {
          type: "rate_limit_error",
        }),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "overload",
        response: nested(503, "Service is too busy. Please retry later", {
          type: "service_unavailable_error",
        }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: nested(
          422,
          "Failed to deserialize the JSON body into the target type: missing field `messages`",
          {
            type: "invalid_request_error",
          },
        ),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "an answer cut off for lack of resources",
        response: {
          ...ANSWER,
          body: ANSWER.body.replace(
            '"finish_reason":"stop"',
            '"finish_reason":"insufficient_system_resource"',
          ),
        },
        verdict: "retry",
        code: "BAD_RESPONSE",
      },
    ],
  });

  const provider = deepseek({ model: "m", apiKey: "k" });

  it("the provider sends DeepSeek a reasoning effort in its own words, and no seed", () => {
    const { messages } = FULL_QUESTION.prompt;
    expect(bodyOf(provider, { ...FULL_QUESTION, n: 1 })).toEqual({
      model: "m",
      messages,
      temperature: 0.5,
      top_p: 0.75,
      stop: ["\n"],
      max_tokens: 100,
      thinking: { type: "enabled" },
      reasoning_effort: "low",
    });
    expect(bodyOf(provider, { ...QUESTION, params: { reasoningEffort: "none" } })).toMatchObject({
      thinking: { type: "disabled" },
    });
  });

  it("the provider asks DeepSeek for JSON by JSON mode, with the shape in words", () => {
    expect(bodyOf(provider, JSON_QUESTION)).toEqual({
      model: "m",
      messages: [
        { role: "system", content: "Answer with JSON: an object with colour." },
        ...JSON_QUESTION.prompt.messages,
      ],
      response_format: { type: "json_object" },
    });
  });

  it("the provider tells the usage of an answer that DeepSeek cut off", () => {
    const body = ANSWER.body.replace(
      '"finish_reason":"stop"',
      '"finish_reason":"insufficient_system_resource"',
    );
    expect(provider.readResponse({ ...ANSWER, body }, new Set())).toMatchObject({
      ok: false,
      usage: { inputTokens: 640, outputTokens: 40 },
    });
  });
});
