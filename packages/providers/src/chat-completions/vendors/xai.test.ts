import { describe, expect, it } from "vitest";
import { bodyOf, FULL_QUESTION, json } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { xaiBatchSpec } from "../../../fixtures/xai-batches.ts";
import { xai } from "../../index.ts";
import { testProvider } from "../../testing.ts";

/** An error as xAI writes it: a status in words, and the message as a string. */
const flat = (status: number, code: string, error: string) => json(status, { code, error });

const ANSWER = {
  id: "a3d1008e",
  object: "chat.completion",
  model: "grok-4.7",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: "Blue.", reasoning_content: "Scattering…", refusal: null },
      finish_reason: "stop",
    },
  ],
  usage: {
    prompt_tokens: 32,
    completion_tokens: 9,
    total_tokens: 135,
    prompt_tokens_details: { text_tokens: 32, audio_tokens: 0, image_tokens: 0, cached_tokens: 8 },
    completion_tokens_details: { reasoning_tokens: 94, audio_tokens: 0 },
    num_sources_used: 0,
  },
};

describe("xai", () => {
  testProvider(it, {
    provider: (apiKey) => xai({ model: "grok-4.7", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: json(200, ANSWER, {
        "x-ratelimit-limit-requests": "480",
        "x-ratelimit-remaining-requests": "479",
        "x-ratelimit-limit-tokens": "2000000",
        "x-ratelimit-remaining-tokens": "1999865",
      }),
      texts: ["Blue."],
      finishReasons: ["stop"],
      inputTokens: 32,
      // The count of the answer does not include the reasoning.
      outputTokens: 103,
      cachedInputTokens: 8,
      reasoningTokens: 94,
      limits: [
        { dimension: "requests", windowMs: 60_000, limit: 480, remaining: 479 },
        { dimension: "tokens", windowMs: 60_000, limit: 2_000_000, remaining: 1_999_865 },
      ],
    },
    errors: [
      {
        name: "bad key",
        response: flat(
          400,
          "Client specified an invalid argument",
          "Incorrect API key provided: xa***zz. You can obtain an API key from the console.",
        ),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: flat(
          404,
          "Some requested entity was not found",
          "The model grok-99 does not exist or your team does not have access to it.",
        ),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "no credit",
        response: flat(
          403,
          "The caller does not have permission to execute the specified operation",
          "Your team has either used all available credits or reached its monthly spending limit.",
        ),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "a prompt against the rules",
        response: flat(
          403,
          "The caller does not have permission to execute the specified operation",
          "Content violates usage guidelines.",
        ),
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "throttle",
        response: flat(429, "Some resource has been exhausted", "Too many requests for team and model."),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "throttle in a successful response",
        response: flat(200, "Some resource has been exhausted", "Too many requests for team and model."),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "lack of capacity in a successful response",
        response: flat(200, "The service is currently unavailable", "The model is at capacity."),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request in a successful response",
        response: flat(200, "Client specified an invalid argument", "The message has no content."),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "server error",
        response: flat(500, "Internal error", "The server had an error."),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: flat(400, "Client specified an invalid argument", "The message has no content."),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "a prompt that is too long",
        response: flat(
          400,
          "Client specified an invalid argument",
          "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        ),
        verdict: "fail",
        code: "CONTEXT_TOO_LONG",
      },
      {
        name: "a parameter the model does not take",
        response: flat(
          400,
          "Client specified an invalid argument",
          "Argument not supported on this model: reasoningEffort",
        ),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "a parameter the model does not take, in other words",
        response: flat(400, "invalid-argument", "Model grok-4.7 does not support parameter stop."),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
    batch: xaiBatchSpec(ANSWER, "Blue."),
  });

  const provider = xai({ model: "grok-4.7", apiKey: "k" });

  it("the provider tells no maximum of output tokens for xAI, because reasoning may exceed the limit", () => {
    const request = provider.buildRequest({ ...FULL_QUESTION, n: 1 }, new Set());
    expect(request.maxOutputTokens).toBeUndefined();
    expect(bodyOf(provider, FULL_QUESTION)).toMatchObject({ max_completion_tokens: 100 });
  });

  it("the provider does not count xAI's reasoning twice if the total already includes it", () => {
    const usage = { ...ANSWER.usage, completion_tokens: 103, total_tokens: 135 };
    expect(provider.readResponse(json(200, { ...ANSWER, usage }), new Set())).toMatchObject({
      completion: { usage: { outputTokens: 103 } },
    });
  });
});
