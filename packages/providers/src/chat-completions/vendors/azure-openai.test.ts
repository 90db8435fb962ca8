import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, FULL_QUESTION, json, nested, QUESTION } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { azureOpenAI } from "../../index.ts";
import { openaiBatchSpec } from "../../../fixtures/batches.ts";
import { testProvider } from "../../testing.ts";

const ENDPOINT = "https://parrot.openai.azure.com";

const ANSWER = json(
  200,
  {
    id: "chatcmpl-AZ1",
    object: "chat.completion",
    model: "gpt-4.1-mini-2025-04-14",
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false } } }],
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Blue.", refusal: null },
        finish_reason: "stop",
        content_filter_results: { hate: { filtered: false, severity: "safe" } },
      },
      {
        index: 1,
        message: { role: "assistant" },
        finish_reason: "content_filter",
        content_filter_results: { hate: { filtered: true, severity: "medium" } },
      },
    ],
    usage: {
      prompt_tokens: 15,
      completion_tokens: 3,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  },
  {
    "x-ratelimit-limit-requests": "100",
    "x-ratelimit-remaining-requests": "99",
    "x-ratelimit-reset-requests": "10",
    "x-ratelimit-renewalperiod-requests": "10",
    "x-ratelimit-limit-tokens": "100000",
    "x-ratelimit-remaining-tokens": "-1",
    "x-ratelimit-renewalperiod-tokens": "60",
  },
);

const FILTERED = json(400, {
  error: {
    message: "The response was filtered due to the prompt triggering the content management policy.",
    type: null,
    param: "prompt",
    code: "content_filter",
    status: 400,
    innererror: {
      code: "ResponsibleAIPolicyViolation",
      content_filter_result: { violence: { filtered: true, severity: "high" } },
    },
  },
});

describe("azureOpenAI", () => {
  beforeEach(() => {
    for (const name of [
      "OPENAI_API_VERSION",
      "AZURE_OPENAI_API_KEY",
      "AZURE_API_KEY",
      "AZURE_OPENAI_ENDPOINT",
      "AZURE_RESOURCE_NAME",
    ]) {
      vi.stubEnv(name, undefined);
    }
  });
  afterEach(() => void vi.unstubAllEnvs());

  testProvider(it, {
    provider: (apiKey) =>
      azureOpenAI({ model: "my-deployment", apiKey, baseUrl: ENDPOINT, apiVersion: "v1" }),
    stream: STREAMS.chat,
    batch: openaiBatchSpec(JSON.parse(ANSWER.body), "Blue."),
    answer: {
      response: ANSWER,
      texts: ["Blue.", ""],
      finishReasons: ["stop", "content_filter"],
      inputTokens: 15,
      outputTokens: 3,
      limits: [
        { dimension: "requests", windowMs: 10_000, limit: 100, remaining: 99 },
        { dimension: "tokens", windowMs: 60_000, limit: 100_000 },
      ],
    },
    errors: [
      {
        name: "bad key",
        response: nested(401, "Access denied due to invalid subscription key or wrong API endpoint.", {
          code: "401",
        }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown deployment",
        response: nested(404, "The API deployment for this resource does not exist.", {
          code: "DeploymentNotFound",
        }),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "throttle",
        response: nested(
          429,
          "Requests to the ChatCompletions_Create Operation have exceeded the token rate limit. Please retry after 7 seconds.",
          { code: "429" },
          { "retry-after": "7", "retry-after-ms": "6400" },
        ),
        verdict: "wait",
        code: "RATE_LIMITED",
        retryAfterMs: 6400,
      },
      {
        name: "a prompt that the filter blocked",
        response: FILTERED,
        verdict: "fail",
        code: "CONTENT_FILTERED",
      },
      {
        name: "server error",
        response: nested(500, "The server had an error while processing your request.", {
          type: "server_error",
        }),
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "bad request",
        response: nested(400, "Invalid 'messages': empty array.", { type: "invalid_request_error" }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "a version that does not know the length limit's new name",
        response: nested(400, "Unrecognized request argument supplied: max_completion_tokens", {
          type: "invalid_request_error",
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
  });

  it("the provider asks Azure's v1 API with the deployment as the model", () => {
    const provider = azureOpenAI({ model: "my-deployment", apiKey: "k", baseUrl: `${ENDPOINT}/` });
    const request = provider.buildRequest(QUESTION, new Set());
    expect(request.url).toBe(`${ENDPOINT}/openai/v1/chat/completions`);
    expect(provider.authorize(request)).toEqual({ "api-key": "k" });
    expect(bodyOf(provider, QUESTION)).toMatchObject({ model: "my-deployment" });
  });

  it.each([`${ENDPOINT}/openai/v1`, `${ENDPOINT}/openai/v1/`, `${ENDPOINT}/openai`, ENDPOINT])(
    "the provider accepts Azure's endpoint as %s",
    (baseUrl) => {
      const provider = azureOpenAI({ model: "d", apiKey: "k", baseUrl });
      expect(provider.baseUrl).toBe(`${ENDPOINT}/openai/v1`);
    },
  );

  it("the provider asks the URL of an Azure deployment if the API version is a date", () => {
    const options = { model: "my deployment", apiKey: "k", baseUrl: ENDPOINT };
    const url = `${ENDPOINT}/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21`;
    const dated = azureOpenAI({ ...options, apiVersion: "2024-10-21" });
    expect(dated.buildRequest(QUESTION, new Set()).url).toBe(url);
    vi.stubEnv("OPENAI_API_VERSION", "2024-10-21");
    expect(azureOpenAI(options).buildRequest(QUESTION, new Set()).url).toBe(url);
    const preview = azureOpenAI({ ...options, apiVersion: "preview" });
    expect(preview.buildRequest(QUESTION, new Set()).url).toBe(
      `${ENDPOINT}/openai/v1/chat/completions?api-version=preview`,
    );
  });

  it("the provider does not say that no key was sent when Azure got a token, and tells the usage of a broken answer", async () => {
    const provider = azureOpenAI({ model: "d", baseUrl: ENDPOINT, token: () => "eyJ-secret" });
    await provider.authorize(provider.buildRequest(QUESTION, new Set()));
    expect(provider.readResponse(nested(401, "Access denied: eyJ-secret"), new Set())).toEqual({
      ok: false,
      rejection: {
        verdict: "stop",
        code: "AUTHENTICATION",
        message: "HTTP 401: Access denied: [key]",
      },
    });
    const usage = { prompt_tokens: 5, completion_tokens: 7 };
    const broken = json(200, { choices: [{ finish_reason: "error" }], usage });
    expect(provider.readResponse(broken, new Set())).toMatchObject({
      usage: { inputTokens: 5, outputTokens: 7 },
    });
  });

  it("the provider azureOpenAI asks for an Entra ID token before each attempt, and never shows it", async () => {
    let count = 0;
    const token = async () => `eyJ-secret-${(count += 1)}`;
    const provider = azureOpenAI({ model: "d", baseUrl: ENDPOINT, token });
    const request = provider.buildRequest(QUESTION, new Set());
    expect(await provider.authorize(request)).toEqual({ authorization: "Bearer eyJ-secret-1" });
    expect(await provider.authorize(request)).toEqual({ authorization: "Bearer eyJ-secret-2" });
    const answer = provider.readResponse(nested(401, "Token eyJ-secret-2 has expired"), new Set());
    expect(answer).toMatchObject({ rejection: { code: "AUTHENTICATION" } });
    expect(JSON.stringify(answer)).not.toContain("eyJ-secret");
  });

  it("the provider finds Azure's key and endpoint in the environment", () => {
    expect(() => azureOpenAI({ model: "d", apiKey: "k" })).toThrow(/AZURE_OPENAI_ENDPOINT/);
    expect(() => azureOpenAI({ model: "d", baseUrl: ENDPOINT })).toThrow(
      expect.objectContaining({ code: "MISSING_KEY" }),
    );
    vi.stubEnv("AZURE_API_KEY", "k");
    vi.stubEnv("AZURE_RESOURCE_NAME", "parrot");
    expect(azureOpenAI({ model: "d" }).baseUrl).toBe(`${ENDPOINT}/openai/v1`);
    vi.stubEnv("AZURE_OPENAI_ENDPOINT", "https://other.openai.azure.com/");
    expect(azureOpenAI({ model: "d" }).baseUrl).toBe("https://other.openai.azure.com/openai/v1");
  });

  it("the provider charges the whole limit of tokens, because Azure's limiter does not give back what is unused", () => {
    const provider = azureOpenAI({ model: "d", apiKey: "k", baseUrl: ENDPOINT });
    const usage = { inputTokens: 90, outputTokens: 20, cachedInputTokens: 0 };
    const estimate = { inputTokens: 100, expectedOutputTokens: 50, maxTokens: 1000 };
    expect(provider.chargeUpFront(estimate)).toMatchObject({ tokens: 1100 });
    expect(provider.chargeAfter(estimate, usage)).toMatchObject({ tokens: 1090 });
    expect(bodyOf(provider, FULL_QUESTION)).toMatchObject({ max_completion_tokens: 100 });
  });
});
