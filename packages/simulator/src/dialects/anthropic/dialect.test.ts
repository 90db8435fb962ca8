import Anthropic, {
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import {
  GOOD_NEWS,
  PIXEL,
  PIXEL_ANSWER,
  SENTIMENT_SCHEMA,
  start,
  thrown,
} from "../../../fixtures/samples.ts";
import { anthropicDialect, startSimulator, type Fault, type Simulator } from "../../index.ts";

function clientOf({ urls, apiKey }: Simulator): Anthropic {
  return new Anthropic({ baseURL: urls.anthropic, apiKey, maxRetries: 0 });
}

type Params = Anthropic.MessageCreateParamsNonStreaming;

function ask(content: Params["messages"][number]["content"], more: Partial<Params> = {}): Params {
  return { model: "claude-test", max_tokens: 1000, messages: [{ role: "user", content }], ...more };
}

describe("the Anthropic SDK", () => {
  it("the simulator gives the Anthropic SDK an answer", async () => {
    const message = await clientOf(await start()).messages.create(
      ask("The sea is blue.", { system: "Summarize." }),
    );
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      model: "claude-test",
      content: [{ type: "text", text: "The sea is blue." }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 3 + 4 + 3 + 4 + 4, output_tokens: 4, cache_read_input_tokens: 0 },
    });
    expect(message._request_id).toMatch(/^req_[\da-f]{24}$/);
  });

  it("the simulator gives the Anthropic SDK structured output that it can parse", async () => {
    const client = clientOf(await start());
    const format = { type: "json_schema", schema: SENTIMENT_SCHEMA } as const;
    const { content } = await client.messages.create(ask(GOOD_NEWS, { output_config: { format } }));
    expect(content.map((block) => (block.type === "text" ? JSON.parse(block.text) : block))).toEqual([
      { title: "The sea", sentiment: "positive" },
    ]);
  });

  it("the simulator gives the Anthropic SDK the arguments of a forced tool", async () => {
    const message = await clientOf(await start()).messages.create(
      ask(GOOD_NEWS, {
        tools: [{ name: "rate", input_schema: { ...SENTIMENT_SCHEMA, required: ["title", "sentiment"] } }],
        tool_choice: { type: "tool", name: "rate" },
      }),
    );
    expect(message).toMatchObject({
      content: [{ type: "tool_use", name: "rate", input: { title: "The sea", sentiment: "positive" } }],
      stop_reason: "tool_use",
    });
  });

  it.each<[string, Anthropic.ImageBlockParam["source"], string]>([
    ["in the request", { type: "base64", media_type: "image/png", data: PIXEL }, PIXEL_ANSWER],
    ["on the web", { type: "url", url: "https://example.com/a.png" }, "The image comes from example.com."],
  ])("the simulator tells the Anthropic SDK about an image %s", async (_, source, text) => {
    const message = await clientOf(await start()).messages.create(
      ask([
        { type: "image", source },
        { type: "text", text: "What is it?" },
      ]),
    );
    expect(message.content).toEqual([{ type: "text", text }]);
    expect(message.usage.input_tokens).toBe(3 + 4 + 256 + 3);
  });

  it("the simulator gives the Anthropic SDK thoughts if it asks for them", async () => {
    const message = await clientOf(await start()).messages.create(
      ask("The sea is blue.", { max_tokens: 2000, thinking: { type: "enabled", budget_tokens: 1024 } }),
    );
    expect(message.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect(message.usage.output_tokens).toBe(4 + (message.usage.output_tokens_details?.thinking_tokens ?? 0));
  });

  it("the simulator tells the Anthropic SDK why an answer ended", async () => {
    const client = clientOf(await start());
    const body = ask("The sea is blue.");
    expect(await client.messages.create({ ...body, max_tokens: 2 })).toMatchObject({
      content: [{ text: "The sea " }],
      stop_reason: "max_tokens",
    });
    expect(await client.messages.create({ ...body, stop_sequences: [" is"] })).toMatchObject({
      content: [{ text: "The sea" }],
      stop_reason: "stop_sequence",
      stop_sequence: " is",
    });
  });

  it("the simulator makes the Anthropic SDK throw its own errors", async () => {
    const simulator = await start({ models: ["claude-test"], contextTokens: 5000 });
    const client = clientOf(simulator);
    const wrongKey = clientOf({ ...simulator, apiKey: "wrong" });
    expect(await thrown(wrongKey.messages.create(ask("Hi")))).toBeInstanceOf(AuthenticationError);
    expect(await thrown(client.messages.create({ ...ask("Hi"), model: "gone" }))).toBeInstanceOf(
      NotFoundError,
    );
    const tooLong = await thrown(client.messages.create(ask("x".repeat(30_000))));
    expect(tooLong).toBeInstanceOf(BadRequestError);
    expect(String(tooLong)).toContain("prompt is too long: 7507 tokens > 5000 maximum");
  });

  it("the simulator tells the Anthropic SDK how long to wait after a throttled request", async () => {
    const client = clientOf(await start({ limits: { requestsPerMinute: 1, window: "minute" } }));
    const { response } = await client.messages.create(ask("Hi")).withResponse();
    expect(response.headers.get("anthropic-ratelimit-requests-limit")).toBe("1");
    expect(response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    const reset = response.headers.get("anthropic-ratelimit-requests-reset") ?? "";
    expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const error = await thrown(client.messages.create(ask("Hi")));
    if (!(error instanceof RateLimitError)) throw error;
    expect(error.type).toBe("rate_limit_error");
    expect(Number(error.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(error.requestID).toMatch(/^req_/);
  });

  it("the simulator makes the Anthropic SDK wait as told and ask again", async () => {
    const simulator = await start({ limits: { requestsPerMinute: 1, windowMs: 300 } });
    const client = clientOf(simulator).withOptions({ maxRetries: 2 });
    await client.messages.create(ask("Hi"));
    await client.messages.create(ask("Ho"));
    expect(simulator.stats().byStatus).toEqual({ 200: 2, 429: 1 });
  });

  it("the simulator charges Anthropic requests their input and output, not max_tokens", async () => {
    const simulator = await start({
      limits: { inputTokensPerMinute: 20, outputTokensPerMinute: 4, window: "minute" },
    });
    const client = clientOf(simulator);
    const { response } = await client.messages.create(ask("x".repeat(20))).withResponse();
    expect(response.headers.get("anthropic-ratelimit-input-tokens-remaining")).toBe("8");
    expect(response.headers.get("anthropic-ratelimit-output-tokens-remaining")).toBe("0");
    expect(simulator.stats().limits).toMatchObject({
      inputTokens: { charged: 12 },
      outputTokens: { charged: 5 },
    });
    const refused = await thrown(client.messages.create(ask("x")));
    expect(String(refused)).toContain("4 output tokens per minute");
  });
});

describe("anthropicDialect", () => {
  it("the simulator tells Anthropic limits with the time of their reset, and large ones rounded", () => {
    const limits = {
      requests: { limit: 50, remaining: 49, resetMs: 1200 },
      inputTokens: { limit: 20_000, remaining: 12_345, resetMs: 60_000 },
    };
    expect(anthropicDialect.writeLimits(limits, 1500, Date.UTC(2026, 0, 1))).toEqual({
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:02Z",
      "anthropic-ratelimit-input-tokens-limit": "20000",
      "anthropic-ratelimit-input-tokens-remaining": "12000",
      "anthropic-ratelimit-input-tokens-reset": "2026-01-01T00:01:00Z",
      "retry-after": "2",
    });
  });

  it.each<[object, string]>([
    [{ unknown: 1 }, "unknown: Extra inputs are not permitted"],
    [{ max_tokens: undefined }, "max_tokens: Field required"],
    [{ max_tokens: 0 }, "max_tokens: Input should be greater than or equal to 1"],
    [{ temperature: 1.5 }, "temperature: Input should be less than or equal to 1"],
    [{ n: 2 }, "n: Extra inputs are not permitted"],
    [{ seed: 2 }, "seed: Extra inputs are not permitted"],
    [{ output_format: { type: "json_schema", schema: {} } }, "output_format: Extra inputs are not permitted"],
    [{ messages: [] }, "messages: List should have at least 1 item after validation, not 0"],
    [
      { messages: [{ role: "system", content: "Hi" }] },
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    [{ messages: [{ role: "user", content: "" }] }, "messages.0: user messages must have non-empty content"],
    [
      { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      "messages.0.content.0.text: String should have at least 1 character",
    ],
    [
      { output_config: { format: { type: "json_schema", schema: { type: "object", properties: {} } } } },
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ],
    [
      {
        output_config: {
          format: {
            type: "json_schema",
            schema: {
              ...SENTIMENT_SCHEMA,
              properties: { a: { anyOf: [{ type: ["null", "integer"], minimum: 1 }] } },
            },
          },
        },
      },
      "output_config.format.schema: For 'integer' type, property 'minimum' is not supported",
    ],
    [{ tool_choice: { type: "tool", name: "gone" } }, "Tool 'gone' not found in provided tools"],
    [
      { max_tokens: 1024, thinking: { type: "enabled", budget_tokens: 1024 } },
      "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ],
  ])("the simulator refuses an Anthropic request with %j", async (change, message) => {
    const response = await post(await start(), { ...ask("Hi"), ...change });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message },
      request_id: expect.stringMatching(/^req_/),
    });
  });

  it("the simulator demands the version of the Anthropic API", async () => {
    const simulator = await start();
    const response = await post(simulator, ask("Hi"), { "anthropic-version": undefined });
    expect(await response.json()).toMatchObject({
      error: { message: "anthropic-version: header is required" },
    });
  });

  it("the simulator accepts Anthropic's older output_format with its beta header", async () => {
    const body = { ...ask(GOOD_NEWS), output_format: { type: "json_schema", schema: SENTIMENT_SCHEMA } };
    const response = await post(await start(), body, { "anthropic-beta": "structured-outputs-2025-11-13" });
    expect(await response.json()).toMatchObject({
      content: [{ text: '{"title":"The sea","sentiment":"positive"}' }],
    });
  });

  it.each<[Fault, object]>([
    [
      { kind: "refusal" },
      { stop_reason: "refusal", stop_details: { type: "refusal", explanation: expect.any(String) } },
    ],
    [{ kind: "contentFilter" }, { stop_reason: "refusal", content: [] }],
    [{ kind: "emptyContent" }, { stop_reason: "end_turn", content: [], usage: { output_tokens: 0 } }],
    [{ kind: "failed" }, { stop_reason: "pause_turn", content: [] }],
    [{ kind: "lengthCutOff" }, { stop_reason: "max_tokens", content: [{ text: "The sea " }] }],
    [{ kind: "thinking", tokens: 7 }, { content: [{ type: "thinking" }, { type: "text" }] }],
    [{ kind: "cacheHit", tokens: 5 }, { usage: { input_tokens: 6, cache_read_input_tokens: 5 } }],
    [{ kind: "errorInside" }, { type: "error", error: { type: "api_error" } }],
  ])("the simulator answers an Anthropic request with the fault %j", async (fault, body) => {
    const response = await post(await start({ faults: [fault] }), ask("The sea is blue."));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(body);
  });

  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "billing_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "request_too_large"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [503, "overloaded_error"],
    [529, "overloaded_error"],
  ])("the simulator has an Anthropic error for status %d", async (status, type) => {
    const response = await post(await start({ faults: [{ kind: "status", status }] }), ask("Hi"));
    expect([response.status, await response.json()]).toMatchObject([status, { error: { type } }]);
  });

  it("the simulator can have the Anthropic dialect at the root", async () => {
    await using simulator = await startSimulator({ dialect: anthropicDialect });
    expect(simulator.urls.anthropic).toBe(simulator.baseUrl);
    expect(simulator.urls.openai).toBe(`${simulator.baseUrl}/openai/v1`);
    const response = await post(simulator, ask("Hi"));
    expect(response.status).toBe(200);
    expect(simulator.ledger.entries).toMatchObject([{ path: "/v1/messages", dialect: "anthropic" }]);
  });
});

function post(
  { urls, apiKey }: Simulator,
  body: object,
  headers: Record<string, string | undefined> = {},
): Promise<Response> {
  const sent = { "x-api-key": apiKey, "anthropic-version": "2023-06-01", ...headers };
  const entries = Object.entries(sent).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return fetch(`${urls.anthropic}/v1/messages`, {
    method: "POST",
    headers: Object.fromEntries(entries) as Record<string, string>,
    body: JSON.stringify(body),
  });
}
