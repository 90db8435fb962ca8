import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { STREAMS } from "../../fixtures/streams.ts";
import { anthropic } from "./provider.ts";
import type { Call, ProviderResponse } from "../provider.ts";
import { anthropicBatchSpec } from "../../fixtures/batches.ts";
import { testProvider } from "../testing.ts";

const ANSWER = {
  id: "msg_01XFDUDYJgAACzvnptvVoYEL",
  type: "message",
  role: "assistant",
  model: "claude-haiku-5-5",
  content: [
    { type: "thinking", thinking: "They greet me.", signature: "Eo8B" },
    { type: "text", text: "Hello", citations: null },
    { type: "text", text: " there" },
  ],
  stop_reason: "end_turn",
  stop_sequence: null,
  stop_details: null,
  usage: {
    input_tokens: 100,
    cache_creation_input_tokens: 200,
    cache_read_input_tokens: 1000,
    cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 0 },
    output_tokens: 90,
    output_tokens_details: { thinking_tokens: 60 },
    service_tier: "standard",
  },
};

function error(
  status: number,
  type: string,
  message: string,
  more: { headers?: ProviderResponse["headers"]; code?: string } = {},
): ProviderResponse {
  const { headers = {}, code } = more;
  const details = code === undefined ? null : { error_code: code };
  const body = {
    type: "error",
    error: { type, message, details },
    request_id: "req_011CSHoEeqs5C35K2UUqR7Fy",
  };
  return { status, headers, body: JSON.stringify(body) };
}

const RATE_LIMIT =
  "This request would exceed your organization's rate limit of 50,000 input tokens per minute (org: 7f, model: claude-haiku-5-5).";

const ERRORS = [
  {
    name: "bad key",
    response: error(401, "authentication_error", "invalid x-api-key"),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "no permission",
    response: error(403, "permission_error", "Your API key does not have permission to use it"),
    verdict: "stop",
    code: "PERMISSION",
  },
  {
    name: "unknown model",
    response: error(404, "not_found_error", "model: claude-9"),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "wrong URL",
    response: error(404, "not_found_error", "Not found"),
    verdict: "stop",
    code: "NOT_THE_API",
  },
  {
    name: "a page that is not the API",
    response: { status: 404, headers: { "content-type": "text/html" }, body: "<html>Gone</html>" },
    verdict: "stop",
    code: "NOT_THE_API",
  },
  {
    name: "payment required",
    response: error(402, "billing_error", "There is an issue with your billing"),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "no credit, as a bad request",
    response: error(
      400,
      "invalid_request_error",
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
    ),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "a spend limit of one's own",
    response: error(
      400,
      "invalid_request_error",
      "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
    ),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "the spend cap of a tier",
    response: error(429, "rate_limit_error", "The monthly usage threshold has been crossed", {
      code: "enforced_spend_limit_reached",
    }),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "the same where its name is the type",
    response: error(429, "enforced_spend_limit_reached", "You have reached your monthly limit"),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "throttle",
    response: error(429, "rate_limit_error", RATE_LIMIT, { headers: { "retry-after": "7" } }),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 7000,
  },
  {
    name: "growth that is too fast",
    response: error(429, "rate_limit_error", "Usage increases too fast", {
      code: "ramp_limit_exceeded",
      headers: { "retry-after": "30" },
    }),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 30_000,
  },
  {
    name: "throttle that tells only when its limit is full again",
    response: error(429, "rate_limit_error", RATE_LIMIT, {
      headers: {
        date: "Thu, 26 Nov 2026 11:00:00 GMT",
        "anthropic-ratelimit-requests-remaining": "12",
        "anthropic-ratelimit-requests-reset": "2026-11-26T11:00:50Z",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-26T11:00:09Z",
      },
    }),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 9000,
  },
  {
    name: "overload",
    response: error(529, "overloaded_error", "Overloaded"),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "overload within a 200",
    response: error(200, "overloaded_error", "Overloaded"),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "server error",
    response: error(500, "api_error", "Internal server error"),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "server error that says never",
    response: error(500, "api_error", "Broken", { headers: { "x-should-retry": "false" } }),
    verdict: "fail",
    code: "SERVER_ERROR",
  },
  {
    name: "timeout of the gateway",
    response: error(504, "timeout_error", "Timed out"),
    verdict: "amend",
    code: "SERVER_ERROR",
  },
  {
    name: "200 that is a page",
    response: { status: 200, headers: { "content-type": "text/html" }, body: "<html>Welcome</html>" },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "body too large",
    response: error(413, "request_too_large", "Request exceeds the maximum allowed number of bytes."),
    verdict: "fail",
    code: "REQUEST_TOO_LARGE",
  },
  {
    name: "bad request",
    response: error(400, "invalid_request_error", "messages: text content blocks must be non-empty"),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "a value that is wrong is no parameter that is refused",
    response: error(400, "invalid_request_error", "temperature: Input should be less than or equal to 1"),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "context too long",
    response: error(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
  },
  {
    name: "content filter",
    response: error(400, "invalid_request_error", "Output blocked by content filtering policy"),
    verdict: "fail",
    code: "CONTENT_FILTERED",
  },
  {
    name: "a sampling parameter that the model has no more",
    response: error(400, "invalid_request_error", "`temperature` is deprecated for this model."),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "a sampling parameter that the API version has no more",
    response: error(400, "invalid_request_error", "top_p: Extra inputs are not permitted"),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "two sampling parameters at once",
    response: error(
      400,
      "invalid_request_error",
      "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "structured output refused",
    response: error(400, "invalid_request_error", "output_config.format: Extra inputs are not permitted"),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
] as const;

describe("anthropic", () => {
  testProvider(it, {
    provider: (apiKey) => anthropic({ model: "claude-haiku-5-5", apiKey, baseUrl: "https://llm.example" }),
    stream: STREAMS.anthropic,
    answer: {
      response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
      texts: ["Hello there"],
      inputTokens: 1300,
      outputTokens: 90,
    },
    errors: ERRORS,
    batch: anthropicBatchSpec(ANSWER, "Hello there"),
  });

  const CALL: Call = {
    prompt: { messages: [{ role: "user", content: "Hi" }] },
    params: {},
    shape: { type: "text" },
    n: 1,
  };
  const JSON_CALL: Call = {
    ...CALL,
    shape: {
      type: "json",
      name: "answer",
      instructions: "Answer with JSON.",
      schema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: { a: { type: "string" }, b: { type: "number", minimum: 0 } },
        required: ["a"],
      },
    },
  };
  const claude = () => anthropic({ model: "m", apiKey: "k" });
  const bodyOf = (provider: ReturnType<typeof anthropic>, call: Call, ...amendments: string[]): unknown =>
    JSON.parse(provider.buildRequest(call, new Set(amendments)).body);
  const read = (body: unknown, ...amendments: string[]) =>
    claude().readResponse({ status: 200, headers: {}, body: JSON.stringify(body) }, new Set(amendments));
  const amendmentOf = (message: string, ...amendments: string[]): string | undefined => {
    const answer = claude().readResponse(error(400, "invalid_request_error", message), new Set(amendments));
    return !answer.ok && answer.rejection.verdict === "amend" ? answer.rejection.amendment : undefined;
  };

  beforeEach(() => {
    for (const name of ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"])
      vi.stubEnv(name, "");
  });
  afterEach(() => void vi.unstubAllEnvs());

  it("the provider sends Anthropic only the required fields when no parameter is set, among them a limit of tokens", () => {
    expect(bodyOf(claude(), CALL)).toEqual({
      model: "m",
      max_tokens: 16_384,
      messages: CALL.prompt.messages,
    });
  });

  it("the provider lowers the limit of tokens to the one that Claude names in a refusal", () => {
    const message =
      "max_tokens: 16384 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku-20240307";
    expect(amendmentOf(message)).toBe("max_tokens:4096");
    expect(amendmentOf(message, "max_tokens:4096")).toBeUndefined();
    const capped = claude().buildRequest(CALL, new Set(["max_tokens:4096"]));
    expect([JSON.parse(capped.body), capped.maxOutputTokens]).toEqual([
      expect.objectContaining({ max_tokens: 4096 }),
      4096,
    ]);
    expect(bodyOf(claude(), { ...CALL, params: { maxTokens: 9 } }, "max_tokens:4096")).toMatchObject({
      max_tokens: 9,
    });
  });

  it("the provider sends Anthropic system messages in their own field and keeps few-shot turns", () => {
    const messages = [
      { role: "system", content: "Be brief" },
      { role: "user", content: "1+1" },
      { role: "assistant", content: "2" },
      { role: "user", content: "2+2" },
    ] as const;
    expect(bodyOf(claude(), { ...CALL, prompt: { messages } })).toMatchObject({
      system: "Be brief",
      messages: messages.slice(1),
    });
  });

  it("the provider sends Anthropic images after the text, by address and by bytes", () => {
    const images = [{ url: "https://i.example/a.png" }, { mediaType: "image/png", data: "AAAA" }];
    const messages = [{ role: "user" as const, content: "What is it?", images }];
    expect(bodyOf(claude(), { ...CALL, prompt: { messages } })).toMatchObject({
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "image", source: { type: "url", url: "https://i.example/a.png" } },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          ],
        },
      ],
    });
  });

  it("the provider asks Claude for JSON by structured output, then by a forced tool, then by words", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number", description: "(minimum: 0)" } },
      required: ["a"],
      additionalProperties: false,
    };
    expect(bodyOf(claude(), JSON_CALL)).toMatchObject({
      output_config: { format: { type: "json_schema", schema } },
    });
    const byTool = bodyOf(claude(), JSON_CALL, "json:tool");
    expect(byTool).toMatchObject({
      tools: [{ name: "answer", input_schema: { properties: { b: { type: "number", minimum: 0 } } } }],
      tool_choice: { type: "tool", name: "answer", disable_parallel_tool_use: true },
    });
    expect(byTool).not.toHaveProperty("output_config");
    expect(JSON.stringify(byTool)).not.toContain("$schema");
    expect(bodyOf(claude(), JSON_CALL, "json:tool", "json:instructions")).toEqual({
      model: "m",
      max_tokens: 16_384,
      system: "Answer with JSON.",
      messages: CALL.prompt.messages,
    });
  });

  it("the provider asks Claude by a tool at once for a schema that structured output does not support", () => {
    const schema = { type: "object", additionalProperties: { type: "number" } };
    const shape = { type: "json" as const, name: "map", instructions: "JSON!", schema };
    expect(bodyOf(claude(), { ...CALL, shape })).toMatchObject({ tools: [{ input_schema: schema }] });
  });

  it.each([
    ["output_config: Extra inputs are not permitted", [], "json:tool"],
    ["output_config.format.schema: For 'object' type, 'patternProperties' is not supported", [], "json:tool"],
    ["Schema is too complex for compilation.", [], "json:tool"],
    ["Schema is too complex for compilation.", ["json:tool"], "json:instructions"],
    ["Thinking may not be enabled when tool_choice forces tool use.", [], "json:instructions"],
    ["Thinking may not be enabled when tool_choice forces tool use.", ["json:instructions"], undefined],
    ["`temperature` may only be set to 1 when thinking is enabled.", [], "omit:temperature"],
    ["temperature: Extra inputs are not permitted", ["omit:temperature"], undefined],
    ["output_config.effort: Extra inputs are not permitted", [], "omit:reasoning_effort"],
    ["This model does not support the effort parameter.", [], "omit:reasoning_effort"],
    ["Unexpected role: the temperature in Paris is not supported", [], undefined],
  ])(
    "the provider answers Anthropic's refusal %j after the amendments %j by the amendment %s",
    (message, amendments, expected) => {
      expect(amendmentOf(message, ...amendments)).toBe(expected);
    },
  );

  it("the provider sends Anthropic a reasoning effort in its own words, besides the format", () => {
    const withEffort = (reasoningEffort: "none" | "minimal" | "max") => ({
      ...JSON_CALL,
      params: { reasoningEffort },
    });
    expect(bodyOf(claude(), withEffort("max"))).toMatchObject({
      output_config: { effort: "max", format: { type: "json_schema" } },
    });
    expect(bodyOf(claude(), withEffort("minimal"))).toMatchObject({ output_config: { effort: "low" } });
    expect(bodyOf(claude(), withEffort("none"))).toMatchObject({ thinking: { type: "disabled" } });
    expect(bodyOf(claude(), withEffort("max"), "omit:reasoning_effort")).toEqual(bodyOf(claude(), JSON_CALL));
  });

  it("the provider merges extra fields into Anthropic's body without losing the format", () => {
    const extraBody = { output_config: { effort: "low" }, max_tokens: 5 };
    const provider = anthropic({ model: "m", apiKey: "k", extraBody });
    expect(bodyOf(provider, JSON_CALL)).toMatchObject({
      max_tokens: 5,
      output_config: { effort: "low", format: { type: "json_schema" } },
    });
    expect(provider.buildRequest(JSON_CALL, new Set()).maxOutputTokens).toBe(5);
  });

  it("the provider reads Anthropic's usage with cached and thinking tokens", () => {
    expect(read(ANSWER)).toMatchObject({
      completion: {
        model: "claude-haiku-5-5",
        usage: { inputTokens: 1300, cachedInputTokens: 1000, cacheWriteTokens: 200, reasoningTokens: 60 },
      },
    });
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["refusal", "refusal"],
    ["pause_turn", "other"],
    ["something_new", "other"],
  ])("the provider reads Anthropic's stop reason %s as %s", (stop_reason, finishReason) => {
    expect(read({ ...ANSWER, stop_reason })).toMatchObject({ completion: { choices: [{ finishReason }] } });
  });

  it("the provider reads the arguments of Claude's forced tool, whatever the amendments", () => {
    const content = [{ type: "tool_use", id: "toolu_1", name: "answer", input: { a: "x" } }];
    for (const amendments of [[], ["json:tool"]]) {
      expect(read({ ...ANSWER, content, stop_reason: "tool_use" }, ...amendments)).toMatchObject({
        completion: { choices: [{ text: '{"a":"x"}', finishReason: "stop" }] },
      });
    }
  });

  it("the provider reads why Claude declined to answer", () => {
    const stop_details = { type: "refusal", category: "bio", explanation: "Not that." };
    expect(read({ ...ANSWER, content: [], stop_reason: "refusal", stop_details })).toMatchObject({
      completion: { choices: [{ text: "Not that.", finishReason: "refusal" }] },
    });
  });

  it("the provider reads Anthropic's limits of requests, input tokens and output tokens", () => {
    const headers = {
      "anthropic-ratelimit-requests-limit": "1000",
      "anthropic-ratelimit-requests-remaining": "999",
      "anthropic-ratelimit-requests-reset": "2026-11-26T11:00:00Z",
      "anthropic-ratelimit-tokens-limit": "480000",
      "anthropic-ratelimit-tokens-remaining": "479000",
      "anthropic-ratelimit-input-tokens-limit": "400000",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-output-tokens-limit": "80000",
    };
    expect(claude().readLimits({ status: 200, headers, body: "" })).toEqual([
      { dimension: "requests", windowMs: 60_000, limit: 1000, remaining: 999 },
      { dimension: "inputTokens", windowMs: 60_000, limit: 400_000, remaining: 0 },
      { dimension: "outputTokens", windowMs: 60_000, limit: 80_000 },
    ]);
  });

  it("the provider charges as Anthropic's limiter does: neither the limit of tokens nor cached input counts", () => {
    const estimate = { inputTokens: 100, expectedOutputTokens: 50, maxTokens: 10_000 };
    expect(claude().chargeUpFront(estimate)).toMatchObject({
      requests: 1,
      inputTokens: 100,
      outputTokens: 50,
    });
    expect(claude().chargeUpFront({ ...estimate, cachedInputTokens: 90 })).toMatchObject({ inputTokens: 10 });
    expect(
      claude().chargeAfter(estimate, { inputTokens: 120, outputTokens: 20, cachedInputTokens: 100 }),
    ).toMatchObject({ requests: 1, inputTokens: 20, outputTokens: 20 });
  });

  it("the provider takes Anthropic's key or its token from the environment, never both", async () => {
    const credentials = async (options: Partial<Parameters<typeof anthropic>[0]> = {}) => {
      const provider = anthropic({ model: "m", ...options });
      return provider.authorize(provider.buildRequest(CALL, new Set()));
    };
    expect(() => anthropic({ model: "m" })).toThrow(/ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN/);
    vi.stubEnv("ANTHROPIC_AUTH_TOKEN", "token");
    expect(await credentials()).toEqual({ authorization: "Bearer token" });
    vi.stubEnv("ANTHROPIC_API_KEY", "key");
    expect(await credentials()).toEqual({ "x-api-key": "key" });
    expect(await credentials({ authToken: "mine" })).toEqual({ authorization: "Bearer mine" });
  });

  it("the provider takes Anthropic's base URL with or without the version path, and has a price only at its own address", () => {
    const urlOf = (baseUrl?: string): string =>
      anthropic({ model: "m", apiKey: "k", ...(baseUrl === undefined ? {} : { baseUrl }) }).buildRequest(
        CALL,
        new Set(),
      ).url;
    expect(urlOf()).toBe("https://api.anthropic.com/v1/messages");
    expect(urlOf("https://llm.example/anthropic/v1/")).toBe("https://llm.example/anthropic/v1/messages");
    vi.stubEnv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9");
    expect(urlOf()).toBe("http://127.0.0.1:9/v1/messages");
    const priced = { model: "claude-haiku-4-5-20251001", apiKey: "k" };
    expect(anthropic(priced)).not.toHaveProperty("price");
    vi.stubEnv("ANTHROPIC_BASE_URL", undefined);
    expect(anthropic(priced)).toHaveProperty("price.input");
  });
});
