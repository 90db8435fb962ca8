import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { STREAMS } from "../../../fixtures/streams.ts";
import {
  openai,
  openaiResponses,
  parseDurationMs,
  readRetryAfterMs,
  redact,
  type Call,
  type ProviderResponse,
} from "../../index.ts";
import { openaiBatchSpec } from "../../../fixtures/batches.ts";
import { testProvider } from "../../testing.ts";

const ANSWER = {
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "gpt-4.1-mini-2025-04-14",
  choices: [
    { index: 0, message: { role: "assistant", content: "Hello", refusal: null }, finish_reason: "stop" },
    { index: 1, message: { role: "assistant", content: "Hi", refusal: null }, finish_reason: "length" },
  ],
  usage: {
    prompt_tokens: 1200,
    completion_tokens: 90,
    total_tokens: 1290,
    prompt_tokens_details: { cached_tokens: 1024 },
    completion_tokens_details: { reasoning_tokens: 64 },
  },
};

const RATE_LIMIT =
  "Rate limit reached for gpt-4.1-mini in organization org-x on tokens per min (TPM): Limit 200000, Used 199000, Requested 1500. Please try again in 1.5s. Visit the account page to learn more.";

function error(
  status: number,
  message: string,
  code: string | null,
  more: { type?: string; param?: string; headers?: ProviderResponse["headers"] } = {},
): ProviderResponse {
  const { type = "invalid_request_error", param = null, headers = {} } = more;
  return { status, headers, body: JSON.stringify({ error: { message, type, param, code } }) };
}

const ERRORS = [
  {
    name: "bad key",
    response: error(
      401,
      "Incorrect API key provided: sk-ab***yz. You can find your API key in the dashboard.",
      "invalid_api_key",
    ),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "no permission",
    response: error(403, "Country not supported", "unsupported_country_region_territory"),
    verdict: "stop",
    code: "PERMISSION",
  },
  {
    name: "unknown model",
    response: error(
      404,
      "The model `gpt-9` does not exist or you do not have access to it.",
      "model_not_found",
    ),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "a router behind which nobody takes the request",
    response: error(404, "No endpoints found that support image input", "404"),
    verdict: "stop",
    code: "MODEL_NOT_FOUND",
  },
  {
    name: "wrong URL",
    response: { status: 404, headers: {}, body: "404 page not found" },
    verdict: "stop",
    code: "NOT_THE_API",
  },
  {
    name: "no credit",
    response: error(429, "You exceeded your current quota", "insufficient_quota", {
      type: "insufficient_quota",
    }),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "payment required",
    response: error(402, "Insufficient balance", null),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "throttle with words",
    response: error(429, RATE_LIMIT, "rate_limit_exceeded", { type: "tokens" }),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 1500,
  },
  {
    name: "throttle with a header",
    response: error(429, RATE_LIMIT, "rate_limit_exceeded", { headers: { "retry-after": "7" } }),
    verdict: "wait",
    code: "RATE_LIMITED",
    retryAfterMs: 7000,
  },
  {
    name: "request larger than the limit",
    response: error(
      429,
      "Request too large for gpt-4.1-mini on tokens per min (TPM): Limit 1000, Requested 3000.",
      "rate_limit_exceeded",
    ),
    verdict: "fail",
    code: "REQUEST_TOO_LARGE",
  },
  {
    name: "overload",
    response: error(503, "The server is overloaded", "server_is_overloaded"),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "server error",
    response: error(500, "The server had an error", null, { type: "server_error" }),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "server error that says never",
    response: error(500, "Broken for good", null, { headers: { "x-should-retry": "false" } }),
    verdict: "fail",
    code: "SERVER_ERROR",
  },
  {
    name: "gateway page",
    response: { status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad gateway</html>" },
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
    name: "200 with an error inside",
    response: { status: 200, headers: {}, body: '{"error":{"message":"Upstream busy","code":429}}' },
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "a choice that ended in an error",
    response: {
      status: 200,
      headers: {},
      body: '{"choices":[{"message":{"content":"Half"},"finish_reason":"error","error":{"message":"gone"}}]}',
    },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "moderation of one prompt",
    response: error(403, "Your input was flagged by moderation", null),
    verdict: "fail",
    code: "CONTENT_FILTERED",
  },
  {
    name: "throttle that says never",
    response: error(429, "Not for you", null, { headers: { "x-should-retry": "false" } }),
    verdict: "fail",
    code: "RATE_LIMITED",
  },
  {
    name: "words of the prompt that look like a parameter",
    response: error(400, "Unexpected token in 'the temperature in Paris'", null),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "unsupported parameter in words only",
    response: error(400, "This model does not support the parameter top_p", null),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "bad request",
    response: error(400, "messages[0].content must not be empty", null),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "context too long",
    response: error(400, "This model's maximum context length is 128000 tokens.", "context_length_exceeded"),
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
  },
  {
    name: "content filter",
    response: error(400, "The response was filtered", "content_filter"),
    verdict: "fail",
    code: "CONTENT_FILTERED",
  },
  {
    name: "unsupported parameter",
    response: error(
      400,
      "Unsupported parameter: 'temperature' is not supported with this model.",
      "unsupported_parameter",
      { param: "temperature" },
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "max_tokens refused in words",
    response: error(
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "unsupported_parameter",
      { param: "max_tokens" },
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
  {
    name: "json_schema refused",
    response: error(
      400,
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      null,
      { param: "response_format" },
    ),
    verdict: "amend",
    code: "BAD_REQUEST",
  },
] as const;

describe("openai", () => {
  testProvider(it, {
    // At another base URL requests have max_tokens first, so that the amendment changes something.
    provider: (apiKey) => openai({ model: "gpt-4.1-mini", apiKey, baseUrl: "https://llm.example/v1" }),
    stream: STREAMS.chat,
    answer: {
      response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
      texts: ["Hello", "Hi"],
      inputTokens: 1200,
      outputTokens: 90,
    },
    errors: ERRORS,
    batch: openaiBatchSpec(ANSWER, "Hello"),
  });

  const CALL: Call = {
    prompt: { messages: [{ role: "user", content: "Hi" }] },
    params: {},
    shape: { type: "text" },
    n: 1,
  };
  const bodyOf = (
    provider: ReturnType<typeof openai>,
    call: Call,
    ...amendments: string[]
  ): Record<string, unknown> => JSON.parse(provider.buildRequest(call, new Set(amendments)).body);

  beforeEach(() => {
    vi.stubEnv("OPENAI_API_KEY", "");
    vi.stubEnv("OPENAI_BASE_URL", undefined);
  });
  afterEach(() => void vi.unstubAllEnvs());

  it("the provider sends OpenAI only the required fields when no parameter is set", () => {
    expect(bodyOf(openai({ model: "m", apiKey: "k" }), CALL)).toEqual({
      model: "m",
      messages: CALL.prompt.messages,
    });
  });

  it("the provider openai names the limit of tokens as the server knows it", () => {
    const call = { ...CALL, params: { maxTokens: 9 } };
    expect(bodyOf(openai({ model: "m", apiKey: "k" }), call)).toMatchObject({ max_completion_tokens: 9 });
    const other = openai({ model: "m", baseUrl: "http://localhost:11434/v1" });
    expect(bodyOf(other, call)).toMatchObject({ max_tokens: 9 });
    expect(bodyOf(other, call, "use:max_completion_tokens")).toMatchObject({ max_completion_tokens: 9 });
    expect(bodyOf(other, call, "omit:max_tokens")).not.toHaveProperty("max_tokens");
    const capOf = (amendment: string): number | undefined =>
      other.buildRequest({ ...call, n: 3 }, new Set([amendment])).maxOutputTokens;
    expect([capOf("use:max_completion_tokens"), capOf("omit:n"), capOf("omit:max_tokens")]).toEqual([
      27,
      9,
      undefined,
    ]);
  });

  const JSON_CALL: Call = {
    ...CALL,
    shape: {
      type: "json",
      name: "answer",
      instructions: "Answer with JSON.",
      schema: {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "number" } },
        required: ["a"],
      },
    },
  };

  it("the provider asks OpenAI for JSON by a strict schema, then by JSON mode, then by words", () => {
    const provider = openai({ model: "m", apiKey: "k" });
    expect(bodyOf(provider, JSON_CALL)).toEqual({
      model: "m",
      messages: CALL.prompt.messages,
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "answer",
          strict: true,
          schema: {
            type: "object",
            properties: { a: { type: "string" }, b: { anyOf: [{ type: "number" }, { type: "null" }] } },
            required: ["a", "b"],
            additionalProperties: false,
          },
        },
      },
    });
    const withWords = [{ role: "system", content: "Answer with JSON." }, ...CALL.prompt.messages];
    expect(bodyOf(provider, JSON_CALL, "json:object")).toEqual({
      model: "m",
      messages: withWords,
      response_format: { type: "json_object" },
    });
    expect(bodyOf(provider, JSON_CALL, "json:object", "json:instructions")).toEqual({
      model: "m",
      messages: withWords,
    });
  });

  it("the provider gives up the bounds of a schema before the schema if OpenAI refuses them", () => {
    const provider = openai({ model: "m", apiKey: "k" });
    const invalid = error(
      400,
      "Invalid schema for response_format 'answer': In context=('properties', 'a'), 'minLength' is not permitted.",
      null,
      { param: "response_format" },
    );
    const stepsAfter = (response: ProviderResponse): string[] => {
      const steps = new Set<string>();
      for (;;) {
        const answer = provider.readResponse(response, steps);
        if (answer.ok || answer.rejection.verdict !== "amend") return [...steps];
        steps.add(answer.rejection.amendment);
      }
    };
    expect(stepsAfter(invalid)).toEqual(["json:loose", "json:object", "json:instructions"]);
    const schema = {
      type: "object",
      properties: { pattern: { type: "string", pattern: "^a", minLength: 2 }, b: { enum: [{ format: 1 }] } },
    };
    const call: Call = { ...CALL, shape: { type: "json", name: "answer", instructions: "JSON.", schema } };
    expect(bodyOf(provider, call, "json:loose")).toMatchObject({
      response_format: {
        json_schema: {
          strict: false,
          schema: { properties: { pattern: { type: "string" }, b: { enum: [{ format: 1 }] } } },
        },
      },
    });
    expect(JSON.stringify(bodyOf(provider, call, "json:loose"))).not.toMatch(/\^a|minLength/);
  });

  it("the provider sends system messages with the developer's role, then in the user's message, if an OpenAI model refuses them", () => {
    const provider = openai({ model: "m", apiKey: "k" });
    const refusalOf = (role: string): ProviderResponse =>
      error(
        400,
        `Unsupported value: 'messages[0].role' does not support '${role}' with this model.`,
        "unsupported_value",
        { param: "messages[0].role" },
      );
    expect(provider.readResponse(refusalOf("system"), new Set())).toMatchObject({
      rejection: { verdict: "amend", amendment: "system:developer" },
    });
    expect(provider.readResponse(refusalOf("developer"), new Set(["system:developer"]))).toMatchObject({
      rejection: { verdict: "amend", amendment: "system:user" },
    });
    const system = { role: "system", content: "Be terse." } as const;
    const [question] = CALL.prompt.messages;
    const call: Call = { ...CALL, prompt: { messages: [system, ...CALL.prompt.messages] } };
    expect(bodyOf(provider, call, "system:developer")["messages"]).toEqual([
      { role: "developer", content: "Be terse." },
      question,
    ]);
    expect(bodyOf(provider, call, "system:developer", "system:user")["messages"]).toEqual([
      { role: "user", content: "Be terse.\n\nHi" },
    ]);
    expect(bodyOf(provider, CALL, "system:user")["messages"]).toEqual([question]);
  });

  it("the provider sends OpenAI images after the text of their turn, by address and by bytes", () => {
    const images = [
      { url: "https://images.example/1.png" },
      { mediaType: "image/jpeg", data: "/9j/4AAQ" },
    ] as const;
    const call: Call = { ...CALL, prompt: { messages: [{ role: "user", content: "What is it?", images }] } };
    expect(bodyOf(openai({ model: "m", apiKey: "k" }), call)["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: "https://images.example/1.png" } },
          { type: "image_url", image_url: { url: "data:image/jpeg;base64,/9j/4AAQ" } },
        ],
      },
    ]);
  });

  it.each([
    ["an address of another kind", { url: "file:///etc/passwd" }, /not an http or https address/],
    ["bytes as an address", { url: "data:image/png;base64,AAAA" }, /give the bytes as/],
    [
      "bytes that are no image",
      { mediaType: "text/html", data: "AAAA" },
      /"text\/html" is not the media type/,
    ],
  ])("the provider openai refuses %s instead of an image before anything is sent", (_, image, message) => {
    const messages = [{ role: "user", content: "Hi", images: [image] } as const];
    const build = () => bodyOf(openai({ model: "m", apiKey: "k" }), { ...CALL, prompt: { messages } });
    expect(build).toThrow(message);
    expect(build).toThrow(/messages\[0\]\.images\[0\]/);
  });

  it("also reads the limit of tokens from fields that the user adds", () => {
    const provider = openai({ model: "m", apiKey: "k", extraBody: { max_completion_tokens: 50 } });
    expect(provider.buildRequest({ ...CALL, n: 2 }, new Set()).maxOutputTokens).toBe(100);
  });

  it("the provider charges OpenAI's limit of tokens at first and the used tokens in the end, in every dimension", () => {
    const provider = openai({ model: "m", apiKey: "k" });
    const estimate = { inputTokens: 100, expectedOutputTokens: 50 };
    expect(provider.chargeUpFront(estimate)).toEqual({
      requests: 1,
      tokens: 150,
      inputTokens: 100,
      outputTokens: 50,
    });
    expect(provider.chargeUpFront({ ...estimate, maxTokens: 900 })).toMatchObject({ tokens: 1000 });
    const usage = { inputTokens: 90, outputTokens: 20, cachedInputTokens: 64 };
    expect(provider.chargeAfter({ ...estimate, maxTokens: 900 }, usage)).toMatchObject({ tokens: 110 });
  });

  it("the provider takes OpenAI's key and base URL from the environment", async () => {
    vi.stubEnv("OPENAI_API_KEY", "env-key");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/");
    const provider = openai({ model: "m" });
    const request = provider.buildRequest(CALL, new Set());
    expect(request.url).toBe("http://127.0.0.1:9/v1/chat/completions");
    expect(await provider.authorize(request)).toEqual({ authorization: "Bearer env-key" });
  });

  it("trims the line end of a key, and refuses a text that cannot be a key", async () => {
    const provider = openai({ model: "m", apiKey: "k-1\r\n" });
    expect(await provider.authorize(provider.buildRequest(CALL, new Set()))).toEqual({
      authorization: "Bearer k-1",
    });
    expect(() => openai({ model: "m", apiKey: "k-ä" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "apiKey" }),
    );
  });

  it("the provider openai takes the key out of a message before the message is shortened", () => {
    const apiKey = "canary-1234567890-1234567890";
    const provider = openai({ model: "m", apiKey });
    for (let at = 0; at < 600; at += 7) {
      const body = `${"x".repeat(at)}${apiKey}${"y".repeat(100)}`;
      const answer = provider.readResponse({ status: 502, headers: {}, body }, new Set());
      expect(JSON.stringify(answer)).not.toContain("canary-123");
    }
  });

  it("the provider openai does not show parts of a base URL that may be secrets", () => {
    for (const baseUrl of [
      "localhost:8000/v1?key=SECRET",
      "https://user:SECRET@host/v1",
      "https://host/v1?key=SECRET",
    ]) {
      expect(() => openai({ model: "m", baseUrl })).toThrow(/^(?!.*SECRET)/);
    }
  });

  it("the provider says which environment variable holds OpenAI's key if there is no key", () => {
    vi.stubEnv("OPENAI_BASE_URL", "");
    expect(() => openai({ model: "m" })).toThrow(/OPENAI_API_KEY/);
    expect(() => openai({ model: "m", baseUrl: "http://localhost:8000/v1" })).not.toThrow();
  });

  it.each(["ftp://host/v1", "not a url", "https://user:pass@host/v1", "https://host/v1?key=1"])(
    "the provider openai refuses the base URL %s",
    (baseUrl) => {
      expect(() => openai({ model: "m", baseUrl })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    },
  );

  it("the provider sends organization and project only to OpenAI", () => {
    vi.stubEnv("OPENAI_ORG_ID", "org-1");
    vi.stubEnv("OPENAI_PROJECT_ID", "proj-1\n");
    const headersOf = (options: object) =>
      [openai, openaiResponses].map(
        (make) => make({ model: "m", apiKey: "k", ...options }).buildRequest(CALL, new Set()).headers,
      );
    const account = { "OpenAI-Organization": "org-1", "OpenAI-Project": "proj-1" };
    expect(headersOf({})).toMatchObject([account, account]);
    const own = { "OpenAI-Project": "proj-2" };
    expect(headersOf({ headers: own })).toMatchObject([own, own]);
    for (const headers of headersOf({ baseUrl: "https://llm.example/v1" }))
      expect(Object.keys(headers)).not.toContain("OpenAI-Project");
  });

  it("the provider has limits and a price only at OpenAI's own address", () => {
    const own = openai({ model: "gpt-4.1-mini", apiKey: "k" });
    expect(own.capabilities.limits).toBe("headers");
    expect(own.price?.input).toBeGreaterThan(0);
    const regional = openai({ model: "gpt-4.1-mini", apiKey: "k", baseUrl: "https://eu.api.openai.com/v1" });
    expect(bodyOf(regional, { ...CALL, params: { maxTokens: 9 } })).toHaveProperty("max_completion_tokens");
    expect(regional.price).toBeUndefined();
    const other = openai({
      model: "gpt-4.1-mini",
      apiKey: "k",
      baseUrl: "https://notapi.openai.com.example/v1",
    });
    expect(other.price).toBeUndefined();
  });

  it("the provider reads OpenAI's usage, refusals, lists of content parts and a missing finish reason", () => {
    const read = (body: unknown) =>
      openai({ model: "m", apiKey: "k" }).readResponse(
        { status: 200, headers: {}, body: JSON.stringify(body) },
        new Set(),
      );
    expect(read(ANSWER)).toMatchObject({
      completion: { usage: { cachedInputTokens: 1024, reasoningTokens: 64 } },
    });
    expect(read({ choices: [{ message: { refusal: "I cannot" }, finish_reason: "stop" }] })).toMatchObject({
      completion: { choices: [{ text: "I cannot", finishReason: "refusal" }] },
    });
    const parts = [
      { type: "thinking", thinking: "…" },
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    expect(read({ choices: [{ message: { content: parts } }] })).toMatchObject({
      completion: { choices: [{ text: "ab", finishReason: "stop" }] },
    });
  });

  it("the provider reads OpenAI's limits from headers and ignores 0 and -1", () => {
    const provider = openai({ model: "m", apiKey: "k" });
    const limits = (headers: ProviderResponse["headers"]) =>
      provider.readLimits({ status: 200, headers, body: "" });
    expect(
      limits({
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-limit-tokens": "30000",
      }),
    ).toEqual([
      { dimension: "requests", windowMs: 60_000, limit: 500, remaining: 499 },
      { dimension: "tokens", windowMs: 60_000, limit: 30_000 },
    ]);
    expect(
      limits({
        "x-ratelimit-limit-requests": "-1",
        "x-ratelimit-limit-tokens": "0",
        "x-ratelimit-remaining-tokens": "-1",
      }),
    ).toEqual([]);
  });
});

describe("readRetryAfterMs", () => {
  const date = "Sun, 22 Nov 2026 12:00:00 GMT";
  it.each([
    [{ "retry-after-ms": "250", "retry-after": "9" }, "", 250],
    [{ "retry-after": "7" }, "", 7000],
    [{ "retry-after": "0.5" }, "", 500],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", date }, "", 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", date }, "", undefined],
    [{ "retry-after": "-1" }, "", undefined],
    [{ "retry-after": "0" }, "", undefined],
    [{ "retry-after": "soon" }, "Please try again in 41.7s.", 41_700],
    [{}, "try again in 6m0s", 360_000],
    [{}, "Please retry in 120ms", 120],
    [{}, "no hint", undefined],
  ])(
    "readRetryAfterMs reads the wait from the headers %j and the message %j as %s",
    (headers, message, expected) => {
      expect(readRetryAfterMs({ status: 429, headers, body: "" }, message)).toBe(expected);
    },
  );
});

describe("parseDurationMs", () => {
  it.each([
    ["1s", 1000],
    ["6m0s", 360_000],
    ["12ms", 12],
    ["1h2m3.5s", 3_723_500],
    ["5 s", undefined],
    ["", undefined],
  ])("parseDurationMs reads the duration %j", (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });
});

describe("redact", () => {
  it("redact redacts the key in every form, masked keys and control characters", () => {
    const key = "sk-live/abc+123";
    const message = `a ${key} b ${encodeURIComponent(key)} c ${Buffer.from(key).toString("base64")} d sk-ab***yz \u001B[2J\u0007`;
    expect(redact(message, key)).toBe("a [key] b [key] c [key] d [key]");
  });

  it("redact keeps the names of headers and parameters in a redacted message", () => {
    const message = "invalid x-api-key; api-version is a key-value pair";
    expect(redact(message, "other")).toBe(message);
    expect(redact("of key-1f3e and api-***9", "other")).toBe("of [key] and [key]");
  });
});
