import { describe, expect, it } from "vitest";
import { openrouterBatchSpec } from "../../../fixtures/openrouter-batches.ts";
import { bodyOf, FULL_QUESTION, json, JSON_QUESTION, QUESTION } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { openrouter } from "../../index.ts";
import { testProvider } from "../../testing.ts";

/** An error as OpenRouter writes it: the code is the status, and the metadata tell the cause. */
const failure = (
  status: number,
  message: string,
  metadata?: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
) => json(status, { error: { message, code: status, metadata }, user_id: "user_1" }, headers);

const ANSWER = json(200, {
  id: "gen-1763900000-Abc",
  provider: "Anthropic",
  model: "anthropic/claude-haiku-4.5",
  object: "chat.completion",
  choices: [
    {
      logprobs: null,
      finish_reason: "stop",
      native_finish_reason: "end_turn",
      index: 0,
      message: { role: "assistant", content: "Blue.", refusal: null, reasoning: null },
    },
  ],
  usage: {
    prompt_tokens: 14,
    completion_tokens: 5,
    total_tokens: 19,
    cost: 0.000039,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
});

describe("openrouter", () => {
  testProvider(it, {
    provider: (apiKey) => openrouter({ model: "anthropic/claude-haiku-4.5", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: ANSWER,
      texts: ["Blue."],
      finishReasons: ["stop"],
      inputTokens: 14,
      outputTokens: 5,
      limits: [],
    },
    errors: [
      { name: "bad key", response: failure(401, "User not found."), verdict: "stop", code: "AUTHENTICATION" },
      {
        name: "a model that was retired",
        response: failure(410, "The model nobody/nothing is no longer available"),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "unknown model",
        response: failure(400, "nobody/nothing is not a valid model ID"),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "no credit",
        response: failure(402, "Insufficient credits. Add more on the settings page."),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "credit that running requests hold",
        response: failure(402, "Too much is in flight", { reason: "in_flight_budget_exhausted" }),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "the key's own limit",
        response: failure(403, "Key limit exceeded (total limit)."),
        verdict: "stop",
        code: "NO_CREDIT",
      },
      {
        name: "moderation",
        response: failure(403, "Your chosen model requires a check and your input did not pass it", {
          reasons: ["violence"],
          flagged_input: "…",
          provider_name: "OpenAI",
        }),
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "throttle of a free model",
        response: failure(
          429,
          "Rate limit exceeded: free-models-per-min.",
          {
            headers: {
              "X-RateLimit-Limit": "20",
              "X-RateLimit-Remaining": "0",
              "X-RateLimit-Reset": "1795348830000",
            },
          },
          { date: "Sun, 22 Nov 2026 12:00:00 GMT" },
        ),
        verdict: "wait",
        code: "RATE_LIMITED",
        retryAfterMs: 30_000,
      },
      {
        name: "throttle of the server behind it",
        response: failure(
          429,
          "Provider returned error",
          { raw: "model is temporarily rate-limited upstream", provider_name: "Chutes" },
          { "retry-after": "4" },
        ),
        verdict: "wait",
        code: "RATE_LIMITED",
        retryAfterMs: 4000,
      },
      {
        name: "throttle in a successful response",
        response: json(200, { error: { message: "Provider returned error", code: 429 } }),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "server error in a choice",
        response: json(200, {
          choices: [
            {
              index: 0,
              message: { role: "assistant", content: "Bl" },
              finish_reason: "error",
              error: { code: 502, message: "Upstream is gone" },
            },
          ],
        }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "throttle in a choice that does not say how it ended",
        response: json(200, {
          choices: [{ index: 0, finish_reason: null, error: { code: 429, message: "Busy" } }],
        }),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "server error",
        response: failure(502, "Provider returned error", { raw: "Bad gateway" }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: failure(400, "Input must have at least 1 token."),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "no server that has the format",
        response: failure(404, "No endpoints found that can handle the requested parameters."),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
    batch: openrouterBatchSpec(JSON.parse(ANSWER.body), "Blue."),
  });

  const provider = openrouter({ model: "m", apiKey: "k" });

  it("the provider asks OpenRouter for servers that obey the format, and keeps the user's choice of servers", () => {
    expect(bodyOf(provider, JSON_QUESTION)).toMatchObject({ provider: { require_parameters: true } });
    expect(bodyOf(provider, QUESTION)).not.toHaveProperty("provider");
    const chosen = openrouter({
      model: "m",
      apiKey: "k",
      extraBody: { provider: { order: ["Groq"] }, top_k: 3 },
    });
    expect(bodyOf(chosen, JSON_QUESTION)).toMatchObject({
      provider: { order: ["Groq"], require_parameters: true },
      top_k: 3,
    });
    expect(bodyOf(chosen, QUESTION)).toMatchObject({ provider: { order: ["Groq"] } });
    expect(bodyOf(provider, JSON_QUESTION, "json:object", "json:instructions")).not.toHaveProperty(
      "provider",
    );
  });

  it.each([
    ["free-models-per-min", 60_000],
    ["free-models-per-day", 86_400_000],
  ])("the provider reads OpenRouter's limit from the body of a refusal: %s", (name, windowMs) => {
    const headers = { "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0" };
    const message = `Rate limit exceeded: ${name}. `;
    expect(provider.readLimits(failure(429, message, { headers }))).toEqual([
      { dimension: "requests", windowMs, limit: 20 },
    ]);
    expect(provider.readLimits(failure(429, message))).toEqual([]);
    expect(provider.readLimits(failure(429, "Provider returned error", { headers }))).toEqual([]);
    expect(provider.readLimits(failure(200, message, { headers }))).toEqual([]);
  });

  it("the provider sends OpenRouter a reasoning effort in its own words", () => {
    const body = bodyOf(provider, { ...FULL_QUESTION, n: 1 });
    expect(body).toMatchObject({ reasoning: { effort: "low" }, max_tokens: 100, seed: 7 });
    expect(body).not.toHaveProperty("reasoning_effort");
  });

  it("the provider tells the error of the server behind OpenRouter", () => {
    const answer = provider.readResponse(
      failure(502, "Provider returned error", { raw: "Bad gateway" }),
      new Set(),
    );
    expect(answer).toMatchObject({
      rejection: { message: "HTTP 502: Provider returned error: Bad gateway" },
    });
  });
});
