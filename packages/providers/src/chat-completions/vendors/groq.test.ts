import { afterEach, describe, expect, it, vi } from "vitest";
import { bodyOf, FULL_QUESTION, json, JSON_QUESTION, nested } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { groq } from "../../index.ts";
import { onePageBatchSpec } from "../../../fixtures/batches.ts";
import { testProvider } from "../../testing.ts";

const ANSWER = json(
  200,
  {
    id: "chatcmpl-8f2c",
    object: "chat.completion",
    model: "openai/gpt-oss-20b",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Blue.", reasoning: "Rayleigh scattering." },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      queue_time: 0.04,
      prompt_tokens: 1080,
      completion_tokens: 32,
      total_tokens: 1112,
      prompt_tokens_details: { cached_tokens: 1024 },
      completion_tokens_details: { reasoning_tokens: 24 },
    },
    x_groq: { id: "req_01" },
  },
  {
    "x-ratelimit-limit-requests": "14400",
    "x-ratelimit-remaining-requests": "14370",
    "x-ratelimit-reset-requests": "2m59.56s",
    "x-ratelimit-limit-tokens": "8000",
    "x-ratelimit-remaining-tokens": "6888",
    "x-ratelimit-reset-tokens": "7.66s",
  },
);

afterEach(() => void vi.unstubAllEnvs());

describe("groq", () => {
  testProvider(it, {
    provider: (apiKey) => groq({ model: "openai/gpt-oss-20b", apiKey }),
    stream: STREAMS.chat,
    batch: onePageBatchSpec(JSON.parse(ANSWER.body), "Blue."),
    answer: {
      response: ANSWER,
      texts: ["Blue."],
      finishReasons: ["stop"],
      inputTokens: 1080,
      outputTokens: 32,
      cachedInputTokens: 1024,
      reasoningTokens: 24,
      limits: [
        { dimension: "requests", windowMs: 86_400_000, limit: 14_400, remaining: 14_370 },
        { dimension: "tokens", windowMs: 60_000, limit: 8000, remaining: 6888 },
      ],
    },
    errors: [
      {
        name: "bad key",
        response: nested(401, "Invalid API Key", { type: "invalid_request_error", code: "invalid_api_key" }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: nested(404, "The model `llama-9` does not exist or you do not have access to it.", {
          type: "invalid_request_error",
          code: "model_not_found",
        }),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "spend cap",
        response: nested(400, "API access blocked by your spend limit", { code: "blocked_api_access" }),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "throttle",
        response: nested(
          429,
          "Rate limit reached for model `openai/gpt-oss-20b` in organization `org_1` on tokens per minute (TPM): Limit 8000, Used 7800, Requested 1200. Please try again in 7.5s.",
          { type: "tokens", code: "rate_limit_exceeded" },
          { "retry-after": "8" },
        ),
        verdict: "wait",
        code: "RATE_LIMITED",
        retryAfterMs: 8000,
      },
      {
        name: "request larger than the limit",
        response: nested(
          413,
          "Request too large for model `openai/gpt-oss-20b` on tokens per minute (TPM): Limit 8000, Requested 12000, please reduce your message size and try again.",
          { type: "tokens", code: "rate_limit_exceeded" },
          { "retry-after": "30" },
        ),
        verdict: "fail",
        code: "REQUEST_TOO_LARGE",
      },
      {
        name: "no flex capacity",
        response: nested(498, "Flex capacity exceeded", { code: "capacity_exceeded" }),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "JSON that did not come out right",
        response: nested(400, "Failed to validate JSON. Please adjust your prompt.", {
          type: "invalid_request_error",
          code: "json_validate_failed",
          failed_generation: '{"colour": ',
        }),
        verdict: "retry",
        code: "INVALID_OUTPUT",
      },
      {
        name: "server error",
        response: nested(503, "Service unavailable", { type: "internal_server_error" }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: nested(422, "Semantic error in the request", { type: "invalid_request_error" }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "json_schema that the model does not have",
        response: nested(400, "This model does not support response format `json_schema`.", {
          type: "invalid_request_error",
          param: "response_format",
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
  });

  it("the provider sends Groq the parameters of one choice under its own names", () => {
    const { messages } = FULL_QUESTION.prompt;
    expect(bodyOf(groq({ model: "m", apiKey: "k" }), { ...FULL_QUESTION, n: 1 })).toEqual({
      model: "m",
      messages,
      temperature: 0.5,
      top_p: 0.75,
      stop: ["\n"],
      seed: 7,
      max_completion_tokens: 100,
      reasoning_effort: "low",
    });
  });

  it("the provider does not charge input that Groq reads from its cache", () => {
    const after = groq({ model: "m", apiKey: "k" }).chargeAfter(
      { inputTokens: 1000, expectedOutputTokens: 50 },
      { inputTokens: 1080, outputTokens: 32, cachedInputTokens: 1024 },
    );
    expect(after).toEqual({ requests: 1, tokens: 88, inputTokens: 56, outputTokens: 32 });
  });

  it("the provider takes Groq's base URL with its path, or without it as Groq's own library does", () => {
    const urlOf = (baseUrl?: string): string => {
      const provider = groq({ model: "m", apiKey: "k", ...(baseUrl === undefined ? {} : { baseUrl }) });
      return provider.buildRequest(FULL_QUESTION, new Set()).url;
    };
    expect(urlOf("https://proxy.example/v1/")).toBe("https://proxy.example/v1/chat/completions");
    vi.stubEnv("GROQ_BASE_URL", "https://proxy.example");
    expect(urlOf()).toBe("https://proxy.example/openai/v1/chat/completions");
  });

  it("the provider has a price of Groq only at its own address", () => {
    const model = "openai/gpt-oss-20b";
    expect(groq({ model, apiKey: "k" }).price?.input).toBeGreaterThan(0);
    expect(groq({ model, apiKey: "k", baseUrl: "https://proxy.example/v1" }).price).toBeUndefined();
    expect(bodyOf(groq({ model, apiKey: "k" }), JSON_QUESTION)).toHaveProperty("response_format.type");
  });
});
