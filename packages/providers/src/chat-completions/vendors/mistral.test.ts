import { describe, expect, it } from "vitest";
import { bodyOf, FULL_QUESTION, json } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { mistral } from "../../index.ts";
import { mistralBatchSpec } from "../../../fixtures/batches.ts";
import { testProvider } from "../../testing.ts";

/** An error as Mistral writes it: flat, with a number as the code. */
const flat = (
  status: number,
  message: string,
  type: string,
  code: string | null = null,
  headers: Readonly<Record<string, string>> = {},
) => json(status, { object: "error", message, type, param: null, code }, headers);

const ANSWER = json(
  200,
  {
    id: "cmpl-e5cc",
    object: "chat.completion",
    model: "mistral-large-2512",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "Scattering…" }] },
            { type: "text", text: "Blue." },
          ],
          tool_calls: null,
        },
        finish_reason: "stop",
      },
      {
        index: 1,
        message: { role: "assistant", content: "Mostly bl", tool_calls: null },
        finish_reason: "model_length",
      },
    ],
    usage: {
      prompt_tokens: 520,
      completion_tokens: 12,
      total_tokens: 532,
      num_cached_tokens: 512,
    },
  },
  {
    "x-ratelimit-limit-req-minute": "60",
    "x-ratelimit-remaining-req-minute": "59",
    "x-ratelimit-limit-tokens-minute": "500000",
    "x-ratelimit-remaining-tokens-minute": "499468",
    "x-ratelimit-limit-tokens-month": "1000000000",
    "x-ratelimit-tokens-query-cost": "532",
  },
);

describe("mistral", () => {
  testProvider(it, {
    provider: (apiKey) => mistral({ model: "mistral-large-2512", apiKey }),
    stream: STREAMS.chat,
    batch: mistralBatchSpec(JSON.parse(ANSWER.body), "Blue."),
    answer: {
      response: ANSWER,
      texts: ["Blue.", "Mostly bl"],
      finishReasons: ["stop", "length"],
      inputTokens: 520,
      outputTokens: 12,
      cachedInputTokens: 512,
      limits: [
        { dimension: "requests", windowMs: 60_000, limit: 60, remaining: 59 },
        { dimension: "tokens", windowMs: 60_000, limit: 500_000, remaining: 499_468 },
      ],
    },
    errors: [
      {
        name: "bad key",
        response: json(401, { detail: "Unauthorized" }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: flat(400, "Invalid model: mistral-huge", "invalid_model", "1500"),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "no credit",
        response: json(402, { message: "Payment required" }),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "throttle",
        response: flat(429, "Rate limit exceeded", "rate_limited", "1300"),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "a plan that does not have the model",
        response: flat(429, "Rate limit exceeded", "rate_limited", "1300", {
          "x-ratelimit-limit-req-minute": "0",
        }),
        verdict: "stop",
        code: "PERMISSION",
      },
      {
        name: "a prompt that a guardrail blocked",
        response: flat(403, "Content blocked by guardrail", "forbidden"),
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "a key without permission",
        response: flat(403, "Forbidden", "forbidden"),
        verdict: "stop",
        code: "PERMISSION",
      },
      {
        name: "server error",
        response: flat(500, "Internal server error", "internal_server_error", "1000"),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: json(422, {
          detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }],
        }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "a parameter it does not know",
        response: json(422, {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "reasoning_effort"],
              msg: "Extra inputs are not permitted",
            },
          ],
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "an answer that broke off",
        response: json(200, {
          choices: [{ index: 0, message: { role: "assistant", content: "Bl" }, finish_reason: "error" }],
        }),
        verdict: "retry",
        code: "BAD_RESPONSE",
      },
    ],
  });

  it("the provider reads every 403 of Mistral as filtered content if the request has guardrails", () => {
    const guardrails = [{ moderation_llm_v2: { action: "block" } }];
    const provider = mistral({ model: "m", apiKey: "k", extraBody: { guardrails } });
    expect(provider.readResponse(flat(403, "Forbidden", "forbidden"), new Set())).toMatchObject({
      rejection: { verdict: "fail", code: "CONTENT_FILTERED" },
    });
  });

  it("the provider sends Mistral seed and limit of tokens under its own names", () => {
    const { messages } = FULL_QUESTION.prompt;
    expect(bodyOf(mistral({ model: "m", apiKey: "k" }), FULL_QUESTION)).toEqual({
      model: "m",
      messages,
      temperature: 0.5,
      top_p: 0.75,
      stop: ["\n"],
      n: 2,
      random_seed: 7,
      max_tokens: 100,
      reasoning_effort: "low",
    });
  });
});
