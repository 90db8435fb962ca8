import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { geminiBatchSpec } from "../../fixtures/gemini-batches.ts";
import { STREAMS } from "../../fixtures/streams.ts";
import { gemini } from "./provider.ts";
import type { Call, ProviderResponse } from "../provider.ts";
import { testProvider } from "../testing.ts";
import { vertex } from "./vertex.ts";

const ANSWER = {
  candidates: [
    {
      content: {
        role: "model",
        parts: [
          { text: "They greet me.", thought: true },
          { text: "Hello", thoughtSignature: "Eo8B" },
          { text: " there" },
        ],
      },
      finishReason: "STOP",
      index: 0,
    },
    { finishReason: "MAX_TOKENS", index: 1 },
  ],
  usageMetadata: {
    promptTokenCount: 1200,
    cachedContentTokenCount: 1024,
    candidatesTokenCount: 30,
    thoughtsTokenCount: 60,
    totalTokenCount: 1290,
  },
  modelVersion: "gemini-3.8-flash",
  responseId: "abc",
};

function error(
  status: number,
  code: string,
  message: string,
  details: readonly unknown[] = [],
): ProviderResponse {
  return {
    status,
    headers: {},
    body: JSON.stringify({ error: { code: status, message, status: code, details } }),
  };
}

function quota(id: string, metric: string, value: string | undefined, delay?: string): ProviderResponse {
  const violation = { quotaMetric: `generativelanguage.googleapis.com/${metric}`, quotaId: id };
  return error(
    429,
    "RESOURCE_EXHAUSTED",
    "You exceeded your current quota, please check your plan and billing details.",
    [
      { "@type": "type.googleapis.com/google.rpc.Help", links: [{ url: "https://ai.google.dev" }] },
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [value === undefined ? violation : { ...violation, quotaValue: value }],
      },
      ...(delay === undefined
        ? []
        : [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: delay }]),
    ],
  );
}

const REQUESTS = "generate_content_free_tier_requests";
const PER_MINUTE = quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", REQUESTS, "10", "44.2s");

const ERRORS = [
  {
    name: "bad key, as a bad request",
    response: error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "API_KEY_INVALID",
        domain: "googleapis.com",
      },
    ]),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "bad token",
    response: error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "no permission",
    response: error(403, "PERMISSION_DENIED", "Generative Language API has not been used in project 1"),
    verdict: "stop",
    code: "PERMISSION",
  },
  {
    name: "country that is not served",
    response: error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    verdict: "stop",
    code: "PERMISSION",
  },
  {
    name: "prepaid credit used up",
    response: error(402, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "unknown model",
    response: error(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1beta"),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "wrong URL",
    response: { status: 404, headers: { "content-type": "text/html" }, body: "<html>Not here</html>" },
    verdict: "stop",
    code: "NOT_THE_API",
  },
  {
    name: "quota per minute",
    response: PER_MINUTE,
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 44_200,
  },
  {
    name: "throttle with words only",
    response: error(429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please retry in 20.5s."),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 20_500,
  },
  {
    name: "quota per day, with the time that it asks to wait",
    response: quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", REQUESTS, "250", "1s"),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 1000,
  },
  {
    name: "model that is not in the plan",
    response: quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", REQUESTS, "0", "44s"),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "model that is not in the plan, in words",
    response: error(
      429,
      "RESOURCE_EXHAUSTED",
      "* Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: gemini-2.5-pro\nPlease retry in 20.04466179s.",
    ),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "spending cap",
    response: error(429, "RESOURCE_EXHAUSTED", "Your project has exceeded its monthly spending cap."),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "overload",
    response: error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "unavailable",
    response: error(503, "UNAVAILABLE", "The service is currently unavailable."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "server error",
    response: error(500, "INTERNAL", "An internal error has occurred."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "deadline",
    response: error(504, "DEADLINE_EXCEEDED", "The request timed out."),
    verdict: "amend",
    code: "SERVER_ERROR",
  },
  {
    name: "cancelled",
    response: error(499, "CANCELLED", "The operation was cancelled."),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "200 that is a page",
    response: { status: 200, headers: { "content-type": "text/html" }, body: "<html>Welcome</html>" },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "200 without candidates",
    response: { status: 200, headers: {}, body: '{"usageMetadata":{"promptTokenCount":5}}' },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "blocked prompt",
    response: {
      status: 200,
      headers: {},
      body: '{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":5}}',
    },
    verdict: "fail",
    code: "CONTENT_FILTERED",
  },
  {
    name: "bad request",
    response: error(400, "INVALID_ARGUMENT", "* GenerateContentRequest.contents: contents is not specified"),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "context too long",
    response: error(
      400,
      "INVALID_ARGUMENT",
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
  },
  {
    name: "several candidates refused",
    response: error(400, "INVALID_ARGUMENT", "Multiple candidates is not enabled for this model"),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "sampling refused",
    response: error(
      400,
      "INVALID_ARGUMENT",
      "Invalid JSON payload received. Unknown name \"temperature\" at 'generation_config': Cannot find field.",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "schema refused",
    response: error(
      400,
      "INVALID_ARGUMENT",
      "The specified schema produces a constraint that has too many states for serving.",
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "system message refused",
    response: error(
      400,
      "INVALID_ARGUMENT",
      "Developer instruction is not enabled for models/gemma-3-27b-it",
    ),
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
const JSON_CALL: Call = {
  ...CALL,
  shape: {
    type: "json",
    name: "answer",
    instructions: "Answer with JSON.",
    schema: {
      type: "object",
      properties: { a: { type: "string", maxLength: 9 }, b: { type: "number", minimum: 0 } },
      required: ["a"],
      additionalProperties: false,
    },
  },
};

beforeEach(() => {
  for (const name of ["API_KEY", "GEMINI_BASE_URL", "VERTEX_BASE_URL", "CLOUD_PROJECT", "CLOUD_LOCATION"])
    vi.stubEnv(`GOOGLE_${name}`, "");
  for (const name of ["GEMINI_API_KEY", "GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"])
    vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

describe("gemini", () => {
  testProvider(it, {
    provider: (apiKey) => gemini({ model: "gemini-3.8-flash", apiKey }),
    stream: STREAMS.gemini,
    answer: {
      response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
      texts: ["Hello there", ""],
      inputTokens: 1200,
      outputTokens: 90,
    },
    errors: ERRORS,
    batch: geminiBatchSpec(ANSWER, "Hello there"),
  });

  const google = () => gemini({ model: "m", apiKey: "test-key" });
  const bodyOf = (call: Call, ...amendments: string[]): unknown =>
    JSON.parse(google().buildRequest(call, new Set(amendments)).body);
  const read = (body: unknown) =>
    google().readResponse({ status: 200, headers: {}, body: JSON.stringify(body) }, new Set());

  it("the provider sends Gemini only the required fields when no parameter is set", () => {
    const request = google().buildRequest(CALL, new Set());
    expect(request.url).toBe("https://generativelanguage.googleapis.com/v1beta/models/m:generateContent");
    expect(JSON.parse(request.body)).toEqual({ contents: [{ role: "user", parts: [{ text: "Hi" }] }] });
  });

  it("the provider sends Gemini every parameter that is set, under its own name", () => {
    const params = { temperature: 0, topP: 0.5, maxTokens: 9, seed: 1, stop: ["x"] };
    expect(bodyOf({ ...CALL, params, n: 3 })).toMatchObject({
      generationConfig: {
        temperature: 0,
        topP: 0.5,
        maxOutputTokens: 9,
        seed: 1,
        stopSequences: ["x"],
        candidateCount: 3,
      },
    });
    const capOf = (...amendments: string[]) =>
      google().buildRequest({ ...CALL, params, n: 3 }, new Set(amendments)).maxOutputTokens;
    expect([capOf(), capOf("omit:n")]).toEqual([27, 9]);
  });

  it("the provider sends Gemini system messages in their own field, or in the user's message if a model refuses them", () => {
    const messages = [
      { role: "system", content: "Be brief" },
      { role: "user", content: "1+1" },
      { role: "assistant", content: "2" },
      { role: "user", content: "2+2" },
    ] as const;
    const call = { ...CALL, prompt: { messages } };
    const turns = [
      { role: "model", parts: [{ text: "2" }] },
      { role: "user", parts: [{ text: "2+2" }] },
    ];
    expect(bodyOf(call)).toEqual({
      systemInstruction: { parts: [{ text: "Be brief" }] },
      contents: [{ role: "user", parts: [{ text: "1+1" }] }, ...turns],
    });
    expect(bodyOf(call, "system:user")).toEqual({
      contents: [{ role: "user", parts: [{ text: "Be brief\n\n1+1" }] }, ...turns],
    });
  });

  it("the provider sends Gemini images by address and by bytes", () => {
    const images = [{ url: "https://i.example/a.PNG?x=1" }, { mediaType: "image/webp", data: "AAAA" }];
    const messages = [{ role: "user" as const, content: "What is it?", images }];
    expect(bodyOf({ ...CALL, prompt: { messages } })).toMatchObject({
      contents: [
        {
          parts: [
            { text: "What is it?" },
            { fileData: { mimeType: "image/png", fileUri: "https://i.example/a.PNG?x=1" } },
            { inlineData: { mimeType: "image/webp", data: "AAAA" } },
          ],
        },
      ],
    });
  });

  it("the provider asks Gemini for JSON by a schema, then by JSON mode, then by words", () => {
    expect(bodyOf(JSON_CALL)).toMatchObject({
      generationConfig: {
        responseMimeType: "application/json",
        responseJsonSchema: {
          type: "object",
          properties: {
            a: { type: "string", description: "(maxLength: 9)" },
            b: { type: "number", minimum: 0 },
          },
          required: ["a"],
        },
      },
    });
    const contents = [{ role: "user", parts: [{ text: "Hi" }] }];
    const systemInstruction = { parts: [{ text: "Answer with JSON." }] };
    expect(bodyOf(JSON_CALL, "json:object")).toEqual({
      contents,
      systemInstruction,
      generationConfig: { responseMimeType: "application/json" },
    });
    expect(bodyOf(JSON_CALL, "json:object", "json:instructions")).toEqual({ contents, systemInstruction });
  });

  it.each([
    ["low", [], { thinkingLevel: "LOW" }],
    ["max", [], { thinkingLevel: "HIGH" }],
    ["none", ["use:thinkingBudget"], { thinkingBudget: 0 }],
    ["medium", ["use:thinkingBudget"], { thinkingBudget: 8192 }],
    ["medium", ["omit:reasoning_effort"], undefined],
  ] as const)(
    "the provider sends Gemini the reasoning effort %s after the amendments %j as %j",
    (reasoningEffort, amendments, expected) => {
      const body = bodyOf({ ...CALL, params: { reasoningEffort, maxTokens: 9 } }, ...amendments);
      expect(body).toHaveProperty(
        "generationConfig",
        expected === undefined ? { maxOutputTokens: 9 } : { maxOutputTokens: 9, thinkingConfig: expected },
      );
    },
  );

  it.each([
    ["Thinking level is not supported for this model.", [], "use:thinkingBudget"],
    ["Thinking is not enabled for models/x", ["use:thinkingBudget"], "omit:reasoning_effort"],
    ["Thinking budget is not supported for this model.", ["use:thinkingBudget"], "omit:reasoning_effort"],
    ["JSON mode is not enabled for models/gemma-3-27b-it", [], "json:instructions"],
    ["Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.", [], "json:object"],
    [
      "Unable to submit request because it has a candidateCount value of 2 but the supported range is from 1 (inclusive) to 2 (exclusive).",
      [],
      "omit:n",
    ],
    ["Unknown name \"topP\" at 'generation_config': Cannot find field.", [], "omit:top_p"],
    ["Unknown name \"topP\" at 'generation_config': Cannot find field.", ["omit:top_p"], undefined],
  ])(
    "the provider answers Gemini's refusal %j after the amendments %j by the amendment %s",
    (message, amendments, expected) => {
      const answer = google().readResponse(error(400, "INVALID_ARGUMENT", message), new Set(amendments));
      expect(!answer.ok && answer.rejection).toMatchObject(
        expected === undefined ? { verdict: "fail" } : { verdict: "amend", amendment: expected },
      );
    },
  );

  it("the provider reads Gemini's usage with the thoughts, also for a prompt that was blocked", () => {
    expect(read(ANSWER)).toMatchObject({
      completion: {
        model: "gemini-3.8-flash",
        usage: { inputTokens: 1200, cachedInputTokens: 1024, outputTokens: 90, reasoningTokens: 60 },
      },
    });
    const blocked = read({
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: 5 },
    });
    expect(blocked).toMatchObject({
      usage: { inputTokens: 5, outputTokens: 0 },
      rejection: { message: "The prompt was blocked: SAFETY" },
    });
  });

  it.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["SPII", "content_filter"],
    ["MALFORMED_RESPONSE", "other"],
    ["OTHER", "other"],
    [undefined, "stop"],
  ])("the provider reads Gemini's finish reason %s as %s", (finishReason, expected) => {
    expect(read({ candidates: [{ finishReason }] })).toMatchObject({
      completion: { choices: [{ finishReason: expected }] },
    });
  });

  it("the provider reads Gemini's limits from refusals", () => {
    const tokens = "GenerateContentInputTokensPerModelPerMinute-FreeTier";
    expect(google().readLimits(PER_MINUTE)).toEqual([{ dimension: "requests", windowMs: 60_000, limit: 10 }]);
    expect(
      google().readLimits(quota(tokens, "generate_content_free_tier_input_token_count", "250000")),
    ).toEqual([{ dimension: "inputTokens", windowMs: 60_000, limit: 250_000 }]);
    expect(google().readLimits(quota(tokens, REQUESTS, undefined))).toEqual([]);
    expect(google().readLimits({ status: 200, headers: {}, body: JSON.stringify(ANSWER) })).toEqual([]);
  });

  it("the provider takes Gemini's key from either variable and sends it only in a header", async () => {
    expect(() => gemini({ model: "m" })).toThrow(/GEMINI_API_KEY/);
    vi.stubEnv("GEMINI_API_KEY", "one");
    const credentials = async () => {
      const provider = gemini({ model: "m" });
      return provider.authorize(provider.buildRequest(CALL, new Set()));
    };
    expect(await credentials()).toEqual({ "x-goog-api-key": "one" });
    vi.stubEnv("GOOGLE_API_KEY", "two");
    expect(await credentials()).toEqual({ "x-goog-api-key": "two" });
  });

  it.each([
    ["models/gemini-3.8-flash", "models/gemini-3.8-flash:generateContent"],
    ["tunedModels/mine", "tunedModels/mine:generateContent"],
    ["what?key=1", "models/what%3Fkey%3D1:generateContent"],
  ])("the provider puts Gemini's model %s into the path", (model, path) => {
    vi.stubEnv("GOOGLE_GEMINI_BASE_URL", "https://llm.example/google/v1beta/");
    expect(gemini({ model, apiKey: "k" }).buildRequest(CALL, new Set()).url).toBe(
      `https://llm.example/google/v1beta/${path}`,
    );
  });
});

describe("vertex", () => {
  testProvider(it, {
    provider: (apiKey) => vertex({ model: "gemini-3.8-flash", apiKey, project: "p" }),
    stream: STREAMS.gemini,
    answer: {
      response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
      texts: ["Hello there", ""],
      inputTokens: 1200,
      outputTokens: 90,
    },
    errors: ERRORS,
  });

  const urlOf = (options: Partial<Parameters<typeof vertex>[0]> = {}): string =>
    vertex({ model: "m", apiKey: "k", project: "p", ...options }).buildRequest(CALL, new Set()).url;

  it("the provider makes Vertex AI's address from location, project and model", () => {
    const path = (location: string, model: string): string =>
      `v1beta1/projects/p/locations/${location}/publishers/${model}:generateContent`;
    expect(urlOf()).toBe(`https://aiplatform.googleapis.com/${path("global", "google/models/m")}`);
    expect(urlOf({ location: "europe-west4", model: "meta/llama" })).toBe(
      `https://europe-west4-aiplatform.googleapis.com/${path("europe-west4", "meta/models/llama")}`,
    );
    expect(urlOf({ location: "eu" })).toMatch(/^https:\/\/aiplatform\.eu\.rep\.googleapis\.com\//);
    vi.stubEnv("GOOGLE_CLOUD_LOCATION", "us-east1");
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "mine");
    expect(vertex({ model: "m", apiKey: "k" }).buildRequest(CALL, new Set()).url).toMatch(
      /^https:\/\/us-east1-aiplatform\.googleapis\.com\/v1beta1\/projects\/mine\/locations\/us-east1\//,
    );
  });

  it("the provider says which project Vertex AI lacks", () => {
    expect(() => vertex({ model: "m", apiKey: "k" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "project" }),
    );
  });

  it("the provider asks for Vertex AI's token before each request, and takes it out of messages", async () => {
    let number = 0;
    const getAccessToken = async (): Promise<string> => `canary-token-${(number += 1)}`;
    const provider = vertex({ model: "m", project: "p", getAccessToken });
    const request = provider.buildRequest(CALL, new Set());
    expect(await provider.authorize(request)).toEqual({ authorization: "Bearer canary-token-1" });
    expect(await provider.authorize(request)).toEqual({ authorization: "Bearer canary-token-2" });
    const answer = provider.readResponse(
      error(401, "UNAUTHENTICATED", "Bad token canary-token-2"),
      new Set(),
    );
    expect(JSON.stringify(answer)).not.toContain("canary-token");
  });
});
