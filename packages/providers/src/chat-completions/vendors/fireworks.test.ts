import { describe, expect, it, vi } from "vitest";
import { fireworksBatchSpec } from "../../../fixtures/fireworks-batches.ts";
import { json } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { fireworks } from "../../index.ts";
import { testProvider } from "../../testing.ts";

/** An error as Fireworks writes it: the type is the same for throttled and for malformed requests. */
const flat = (status: number, message: string, code = "invalid_request_error") =>
  json(status, { object: "error", type: "invalid_request_error", code, message });

const ANSWER = json(
  200,
  {
    id: "5f2ad1c0",
    object: "chat.completion",
    model: "accounts/fireworks/models/gpt-oss-20b",
    choices: [
      { index: 0, message: { role: "assistant", content: "Blue." }, finish_reason: "stop", token_ids: null },
    ],
    usage: {
      prompt_tokens: 210,
      completion_tokens: 6,
      total_tokens: 216,
      prompt_tokens_details: { cached_tokens: 192 },
    },
  },
  {
    "x-ratelimit-limit-tokens-prompt": "3600000",
    "x-ratelimit-remaining-tokens-prompt": "3599790",
    "x-ratelimit-limit-tokens-cache-adjusted-prompt": "900000",
    "x-ratelimit-limit-tokens-generated": "36000",
    "x-ratelimit-remaining-tokens-generated": "35994",
    "x-ratelimit-over-limit": "no",
  },
);

describe("fireworks", () => {
  testProvider(it, {
    provider: (apiKey) =>
      fireworks({ account: "acme", model: "accounts/fireworks/models/gpt-oss-20b", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: ANSWER,
      texts: ["Blue."],
      inputTokens: 210,
      outputTokens: 6,
      cachedInputTokens: 192,
      limits: [
        { dimension: "inputTokens", windowMs: 60_000, limit: 3_600_000, remaining: 3_599_790 },
        { dimension: "outputTokens", windowMs: 60_000, limit: 36_000, remaining: 35_994 },
      ],
    },
    errors: [
      {
        name: "bad key",
        response: flat(401, "The API key you provided is invalid.", "UNAUTHORIZED"),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: flat(404, "Model not found, inaccessible, and/or not deployed", "NOT_FOUND"),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "throttle that calls itself a malformed request",
        response: flat(429, "Rate limit exceeded for generated tokens"),
        verdict: "wait",
        code: "RATE_LIMITED",
      },
      {
        name: "overload",
        response: flat(503, "The server is overloaded"),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: flat(400, "messages must not be empty"),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "no credit",
        response: flat(402, "Your account has no credit left"),
        verdict: "stop",
        code: "NO_CREDIT",
      },
    ],
    batch: fireworksBatchSpec(JSON.parse(ANSWER.body), "Blue."),
  });

  it("the provider charges Fireworks' output as it is produced and not the limit of tokens", () => {
    const provider = fireworks({ model: "m", apiKey: "k" });
    const estimate = { inputTokens: 100, expectedOutputTokens: 20, maxTokens: 9000 };
    expect(provider.chargeUpFront(estimate)).toMatchObject({ inputTokens: 100, outputTokens: 20 });
  });

  it("Fireworks has batches only below an account, from the option or the environment", () => {
    vi.stubEnv("FIREWORKS_ACCOUNT_ID", undefined);
    const without = fireworks({ model: "m", apiKey: "k" });
    expect(without.batch).toBeUndefined();
    expect(without.batchHint).toMatch(/FIREWORKS_ACCOUNT_ID/);
    vi.stubEnv("FIREWORKS_ACCOUNT_ID", " acme ");
    const { batch } = fireworks({ model: "m", apiKey: "k" });
    expect(batch?.get("pp-1").request.url).toBe(
      "https://api.fireworks.ai/v1/accounts/acme/batchInferenceJobs/pp-1",
    );
    expect(() => fireworks({ model: "m", apiKey: "k", account: "accounts/acme" })).toThrow(
      /account of Fireworks AI: expected its id .* and not "accounts\/acme"/,
    );
    vi.unstubAllEnvs();
  });
});
