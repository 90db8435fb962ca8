import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { STREAMS } from "../../fixtures/streams.ts";
import { cohere } from "./provider.ts";
import type { Call, ProviderResponse } from "../provider.ts";
import { testProvider } from "../testing.ts";

const ANSWER = {
  id: "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
  finish_reason: "COMPLETE",
  message: {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "They greet me." },
      { type: "text", text: "Hello" },
      { type: "text", text: " there" },
    ],
  },
  usage: {
    billed_units: { input_tokens: 100, output_tokens: 90 },
    tokens: { input_tokens: 596, output_tokens: 92 },
    cached_tokens: 64,
  },
};

const error = (status: number, message: string): ProviderResponse => ({
  status,
  headers: {},
  body: JSON.stringify({ id: "0e2b9d0c", message }),
});
const TRIAL =
  "You are using a Trial key, which is limited to 20 API calls / minute. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'.";

const ERRORS = [
  { name: "bad key", response: error(401, "invalid api token"), verdict: "stop", code: "AUTHENTICATION" },
  { name: "no credit", response: error(402, "Please add billing"), verdict: "stop", code: "NO_CREDIT" },
  { name: "no permission", response: error(403, "forbidden"), verdict: "stop", code: "PERMISSION" },
  {
    name: "unknown model",
    response: error(404, "model 'command-z' not found, make sure the correct model ID was used"),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "wrong URL",
    response: { status: 404, headers: {}, body: "404 page not found" },
    verdict: "stop",
    code: "NOT_THE_API",
  },
  { name: "throttle", response: error(429, TRIAL), verdict: "wait", code: "RATE_LIMITED" },
  {
    name: "calls of a month used up",
    response: error(429, TRIAL.replace("20 API calls / minute", "1000 API calls / month")),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "server error",
    response: error(500, "internal server error"),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  { name: "unavailable", response: error(503, "unavailable"), verdict: "retry", code: "SERVER_ERROR" },
  { name: "cancelled", response: error(499, "request cancelled"), verdict: "retry", code: "SERVER_ERROR" },
  {
    name: "200 that is a page",
    response: { status: 200, headers: { "content-type": "text/html" }, body: "<html>Welcome</html>" },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "answer that ended in an error",
    response: { status: 200, headers: {}, body: JSON.stringify({ ...ANSWER, finish_reason: "ERROR" }) },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "blocked content",
    response: error(498, "content was blocked"),
    verdict: "fail",
    code: "CONTENT_FILTERED",
  },
  {
    name: "bad request",
    response: error(400, "invalid request: message must be at least 1 token long"),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "malformed request",
    response: error(422, "invalid type for messages"),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "context too long",
    response: error(
      400,
      "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 200000.",
    ),
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
  },
  {
    name: "schema refused",
    response: error(400, "invalid request: response_format.json_schema: 'anyOf' is not supported"),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "parameter refused",
    response: error(400, "invalid request: parameter seed is not supported by this model"),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
] as const;

const CALL: Call = {
  prompt: { messages: [{ role: "user", content: "Hi" }] },
  params: {},
  shape: { type: "text" },
  n: 1,
};
const jsonCall = (schema: Record<string, unknown>): Call => ({
  ...CALL,
  shape: { type: "json", name: "answer", instructions: "Answer with JSON.", schema },
});
const SCHEMA = {
  type: "object",
  properties: { a: { type: "string" }, b: { type: "number", minimum: 0 } },
  required: ["a"],
  additionalProperties: false,
};

describe("cohere", () => {
  testProvider(it, {
    provider: (apiKey) => cohere({ model: "command-a-03-2025", apiKey }),
    stream: STREAMS.cohere,
    answer: {
      response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
      texts: ["Hello there"],
      inputTokens: 100,
      outputTokens: 90,
    },
    errors: ERRORS,
  });

  const north = () => cohere({ model: "m", apiKey: "test-key" });
  const bodyOf = (call: Call, ...amendments: string[]): unknown =>
    JSON.parse(north().buildRequest(call, new Set(amendments)).body);
  const read = (body: unknown) =>
    north().readResponse({ status: 200, headers: {}, body: JSON.stringify(body) }, new Set());

  beforeEach(() => {
    for (const name of ["CO_API_KEY", "COHERE_API_KEY", "CO_API_URL"]) vi.stubEnv(name, "");
  });
  afterEach(() => void vi.unstubAllEnvs());

  it("the provider sends Cohere only the required fields when no parameter is set", () => {
    const request = north().buildRequest(CALL, new Set());
    expect(request.url).toBe("https://api.cohere.com/v2/chat");
    expect(JSON.parse(request.body)).toEqual({ model: "m", messages: CALL.prompt.messages });
  });

  it("the provider sends Cohere every parameter that is set, under its own name", () => {
    const params = { temperature: 0, topP: 0.5, maxTokens: 9, seed: 1, stop: ["x"] };
    expect(bodyOf({ ...CALL, params })).toMatchObject({
      temperature: 0,
      p: 0.5,
      max_tokens: 9,
      seed: 1,
      stop_sequences: ["x"],
    });
    expect(north().buildRequest({ ...CALL, params }, new Set()).maxOutputTokens).toBe(9);
  });

  it.each([
    ["none", "disabled"],
    ["low", "enabled"],
  ] as const)(
    "the provider sends Cohere the reasoning effort %s as thinking that is %s",
    (reasoningEffort, type) => {
      const call = { ...CALL, params: { reasoningEffort } };
      expect(bodyOf(call)).toMatchObject({ thinking: { type } });
      expect(bodyOf(call, "omit:reasoning_effort")).not.toHaveProperty("thinking");
    },
  );

  it("the provider asks Cohere for JSON by a schema, then by JSON mode, then by words, and always in words, too", () => {
    const messages = [{ role: "system", content: "Answer with JSON." }, ...CALL.prompt.messages];
    const json_schema = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number", description: "(minimum: 0)" } },
      required: ["a"],
    };
    expect(bodyOf(jsonCall(SCHEMA))).toEqual({
      model: "m",
      messages,
      response_format: { type: "json_object", json_schema },
    });
    expect(bodyOf(jsonCall(SCHEMA), "json:object")).toEqual({
      model: "m",
      messages,
      response_format: { type: "json_object" },
    });
    expect(bodyOf(jsonCall(SCHEMA), "json:object", "json:instructions")).toEqual({ model: "m", messages });
  });

  it.each([
    { ...SCHEMA, required: [] },
    { type: "object", properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } }, required: ["a"] },
    { type: "object", additionalProperties: { type: "string" } },
  ])("the provider asks Cohere by JSON mode at once for %j", (schema) => {
    expect(bodyOf(jsonCall(schema))).toMatchObject({ response_format: { type: "json_object" } });
    expect(bodyOf(jsonCall(schema))).not.toHaveProperty("response_format.json_schema");
  });

  it("the provider reads the tokens that Cohere bills, else those that it counted", () => {
    expect(read(ANSWER)).toMatchObject({
      completion: { model: "m", usage: { inputTokens: 100, outputTokens: 90, cachedInputTokens: 64 } },
    });
    expect(read({ ...ANSWER, usage: { tokens: ANSWER.usage.tokens } })).toMatchObject({
      completion: { usage: { inputTokens: 596, outputTokens: 92 } },
    });
    expect(read({ ...ANSWER, finish_reason: "TIMEOUT" })).toMatchObject({
      ok: false,
      usage: { inputTokens: 100, outputTokens: 90 },
    });
  });

  it.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["TOOL_CALL", "other"],
  ])("the provider reads Cohere's finish reason %s as %s", (finish_reason, finishReason) => {
    expect(read({ ...ANSWER, finish_reason })).toMatchObject({ completion: { choices: [{ finishReason }] } });
  });

  it("the provider reads Cohere's limit per minute from the words of a refusal", () => {
    expect(north().readLimits(error(429, TRIAL))).toEqual([
      { dimension: "requests", windowMs: 60_000, limit: 20 },
    ]);
    expect(north().readLimits(error(429, TRIAL.replace("minute", "month")))).toEqual([]);
    expect(north().readLimits(error(200, TRIAL))).toEqual([]);
  });

  it("the provider takes Cohere's key from either variable, and another address", async () => {
    expect(() => cohere({ model: "m" })).toThrow(/CO_API_KEY or COHERE_API_KEY/);
    vi.stubEnv("COHERE_API_KEY", "one");
    vi.stubEnv("CO_API_URL", "https://llm.example/v2/");
    const provider = cohere({ model: "m" });
    const request = provider.buildRequest(CALL, new Set());
    expect(request.url).toBe("https://llm.example/v2/chat");
    expect(await provider.authorize(request)).toEqual({ authorization: "Bearer one" });
  });
});
