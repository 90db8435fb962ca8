import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, FULL_QUESTION, json, JSON_QUESTION, nested, QUESTION } from "../../../fixtures/responses.ts";
import { STREAMS } from "../../../fixtures/streams.ts";
import { llamaCpp, openaiCompatible, vllm } from "../../index.ts";
import { testProvider } from "../../testing.ts";

beforeEach(() => {
  vi.stubEnv("LLAMA_API_KEY", undefined);
  vi.stubEnv("VLLM_API_KEY", undefined);
});
afterEach(() => void vi.unstubAllEnvs());

describe("llamaCpp", () => {
  testProvider(it, {
    provider: (apiKey) => llamaCpp({ model: "qwen3-4b", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: json(200, {
        choices: [
          {
            finish_reason: "stop",
            index: 0,
            message: { role: "assistant", reasoning_content: "Scattering…", content: "Blue." },
          },
        ],
        created: 1_763_900_000,
        model: "qwen3-4b",
        system_fingerprint: "b9000-00dc805",
        object: "chat.completion",
        usage: {
          completion_tokens: 25,
          prompt_tokens: 18,
          total_tokens: 43,
          prompt_tokens_details: { cached_tokens: 12 },
        },
        id: "chatcmpl-YH1",
        timings: { cache_n: 12, prompt_n: 6, prompt_ms: 31.4, predicted_n: 25, predicted_ms: 402.1 },
      }),
      texts: ["Blue."],
      inputTokens: 18,
      outputTokens: 25,
      cachedInputTokens: 12,
      limits: [],
    },
    errors: [
      {
        name: "bad key",
        response: nested(401, "Invalid API Key", { type: "authentication_error", code: 401 }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "a model that is still loading",
        response: nested(503, "Loading model", { type: "unavailable_error", code: 503 }),
        verdict: "retry",
        code: "MODEL_LOADING",
      },
      {
        name: "wrong URL",
        response: nested(404, "File Not Found", { type: "not_found_error", code: 404 }),
        verdict: "stop",
        code: "NOT_THE_API",
      },
      {
        name: "context too long",
        response: nested(400, "the request exceeds the available context size, try increasing it", {
          type: "exceed_context_size_error",
          code: 400,
          n_prompt_tokens: 9000,
          n_ctx: 4096,
        }),
        verdict: "fail",
        code: "CONTEXT_TOO_LONG",
      },
      {
        name: "bad request",
        response: nested(400, "'messages' is required", { type: "invalid_request_error", code: 400 }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "more choices than slots",
        response: nested(400, "n_cmpl cannot be greater than the number of slots, please increase -np", {
          type: "invalid_request_error",
          code: 400,
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "more choices than slots, in the words of newer versions",
        response: nested(400, "Field 'n': Value must be between 1 <= value <= 4, but got 6", {
          type: "invalid_request_error",
          code: 400,
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "a schema it cannot make a grammar of",
        response: nested(
          400,
          "JSON schema conversion failed:\nPattern must start with '^' and end with '$'",
          {
            type: "invalid_request_error",
            code: 400,
          },
        ),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
  });

  it("the provider needs no key for llama.cpp, and takes one from the environment", () => {
    const authorize = (provider: ReturnType<typeof llamaCpp>) =>
      provider.authorize(provider.buildRequest(QUESTION, new Set()));
    expect(authorize(llamaCpp({ model: "m" }))).toEqual({});
    vi.stubEnv("LLAMA_API_KEY", "local");
    expect(authorize(llamaCpp({ model: "m" }))).toEqual({ authorization: "Bearer local" });
  });

  it("the provider counts the tokens of all choices of llama.cpp, which tells those of the first", () => {
    const usageOf = (timings: object, texts: readonly string[]): unknown => {
      const choices = texts.map((content) => ({ finish_reason: "stop", message: { content } }));
      const usage = { prompt_tokens: 18, completion_tokens: 10 };
      const response = json(200, { model: "m", choices, usage, timings });
      const answer = llamaCpp({ model: "m" }).readResponse(response, new Set());
      return answer.ok ? answer.completion.usage.outputTokens : answer;
    };
    const texts = ["Twenty characters it", "Ten of it.", "Ten more.."];
    expect(usageOf({ predicted_n: 10 }, texts)).toBe(20);
    expect(usageOf({ predicted_n: 10 }, ["", ...texts])).toBe(40);
    expect(usageOf({ predicted_n: 10 }, ["One."])).toBe(10);
    // A server that counts all of them, or does not say what it counts.
    expect(usageOf({ predicted_n: 4 }, texts)).toBe(10);
    expect(usageOf({}, texts)).toBe(10);
  });

  it("the provider describes to llama.cpp's model the shape that the grammar enforces", () => {
    const { messages } = bodyOf(llamaCpp({ model: "m" }), JSON_QUESTION);
    expect(JSON.stringify(messages)).toContain("Answer with JSON");
  });
});

describe("vllm", () => {
  testProvider(it, {
    provider: (apiKey) => vllm({ model: "Qwen/Qwen3-8B", apiKey }),
    stream: STREAMS.chat,
    answer: {
      response: json(200, {
        id: "chatcmpl-9f0",
        object: "chat.completion",
        model: "Qwen/Qwen3-8B",
        choices: [
          {
            index: 0,
            message: { role: "assistant", reasoning: "Scattering…", content: "Blue.", tool_calls: [] },
            logprobs: null,
            finish_reason: "stop",
            stop_reason: null,
          },
          {
            index: 1,
            message: { role: "assistant", content: "Az", tool_calls: [] },
            finish_reason: "length",
            stop_reason: null,
          },
        ],
        usage: { prompt_tokens: 12, total_tokens: 22, completion_tokens: 10, prompt_tokens_details: null },
        prompt_logprobs: null,
      }),
      texts: ["Blue.", "Az"],
      finishReasons: ["stop", "length"],
      inputTokens: 12,
      outputTokens: 10,
      limits: [],
    },
    errors: [
      {
        name: "bad key",
        response: json(401, { error: "Unauthorized" }),
        verdict: "stop",
        code: "AUTHENTICATION",
      },
      {
        name: "unknown model",
        response: nested(404, "The model `nothing` does not exist.", {
          type: "NotFoundError",
          code: 404,
          param: "model",
        }),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      {
        name: "bad request of an older version",
        response: json(400, {
          object: "error",
          message: "messages must not be empty",
          type: "BadRequestError",
          param: null,
          code: 400,
        }),
        verdict: "fail",
        code: "BAD_REQUEST",
      },
      {
        name: "context too long",
        response: nested(
          400,
          "This model's maximum context length is 40960 tokens. However, your request has 50000 input tokens.",
          { type: "BadRequestError", code: 400 },
        ),
        verdict: "fail",
        code: "CONTEXT_TOO_LONG",
      },
      {
        name: "overload",
        response: { status: 503, headers: {}, body: "" },
        verdict: "retry",
        code: "SERVER_ERROR",
      },
      {
        name: "a schema the grammar cannot hold",
        response: nested(400, "The provided JSON schema contains features not supported by xgrammar.", {
          type: "BadRequestError",
          code: 400,
        }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
      {
        name: "a chat template without system messages",
        response: nested(400, "System role not supported", { type: "BadRequestError", code: 400 }),
        verdict: "amend",
        code: "BAD_REQUEST",
      },
    ],
  });

  it.each([
    "System role not supported",
    "Only user and assistant roles are supported!",
    "Only user, assistant and tool roles are supported, got system.",
    "Conversation roles must alternate user/assistant/user/assistant/...",
  ])(
    "the provider vllm recognizes a chat template that has no system messages by its error: %s",
    (message) => {
      const read = (...amendments: string[]) =>
        vllm({ model: "m" }).readResponse(nested(400, message), new Set(amendments));
      expect(read()).toMatchObject({ rejection: { verdict: "amend", amendment: "system:user" } });
      expect(read("system:user")).toMatchObject({ rejection: { verdict: "fail", code: "BAD_REQUEST" } });
    },
  );

  it("the provider vllm does not mistake a field of the conversation for a refused parameter of the same name", () => {
    const fault = (...loc: (string | number)[]) =>
      json(400, { detail: [{ type: "extra_forbidden", loc, msg: "Extra inputs are not permitted" }] });
    const read = (response: ReturnType<typeof fault>) =>
      vllm({ model: "m" }).readResponse(response, new Set());
    expect(read(fault("body", "messages", 0, "content", "text"))).toMatchObject({
      rejection: { verdict: "fail", code: "BAD_REQUEST" },
    });
    expect(read(fault("body", "stop"))).toMatchObject({ rejection: { amendment: "omit:stop" } });
  });

  it("the provider vllm puts the system message before the question if a chat template refuses it", () => {
    const call = { ...FULL_QUESTION, shape: JSON_QUESTION.shape };
    expect(bodyOf(vllm({ model: "m" }), call, "system:user")["messages"]).toEqual([
      {
        role: "user",
        content: "Be terse.\n\nAnswer with JSON: an object with colour.\n\nWhich colour is the sky?",
      },
    ]);
  });
});

describe("openaiCompatible", () => {
  const baseUrl = "https://llm.example/v1";

  testProvider(it, {
    provider: (apiKey) =>
      openaiCompatible({ name: "example", model: "m", baseUrl, apiKey, capabilities: { images: ["data"] } }),
    stream: STREAMS.chat,
    answer: {
      response: json(200, { choices: [{ message: { content: "Blue." } }] }),
      texts: ["Blue."],
      inputTokens: 0,
      outputTokens: 0,
    },
    errors: [
      { name: "bad key", response: nested(401, "No"), verdict: "stop", code: "AUTHENTICATION" },
      {
        name: "unknown model",
        response: nested(404, "No such model"),
        verdict: "stop",
        code: "MODEL_NOT_FOUND",
      },
      { name: "throttle", response: nested(429, "Slow down"), verdict: "wait", code: "RATE_LIMITED" },
      { name: "server error", response: nested(500, "Oops"), verdict: "retry", code: "SERVER_ERROR" },
      { name: "bad request", response: nested(400, "No"), verdict: "fail", code: "BAD_REQUEST" },
    ],
  });

  it("the provider uses the name, key variable and capabilities that openaiCompatible is given", () => {
    vi.stubEnv("EXAMPLE_KEY", "from-the-environment");
    const provider = openaiCompatible({
      name: "example",
      model: "m",
      baseUrl,
      keyVariable: "EXAMPLE_KEY",
      maxTokensName: "max_completion_tokens",
      capabilities: { json: "instructions", nativeN: false, images: [] },
    });
    expect(provider.name).toBe("example");
    expect(provider.authorize(provider.buildRequest(QUESTION, new Set()))).toEqual({
      authorization: "Bearer from-the-environment",
    });
    expect(bodyOf(provider, { ...JSON_QUESTION, params: { maxTokens: 9 } })).toEqual({
      model: "m",
      messages: [
        { role: "system", content: "Answer with JSON: an object with colour." },
        ...QUESTION.prompt.messages,
      ],
      max_completion_tokens: 9,
    });
  });

  it("the provider says how to pass a key to openaiCompatible if there is no variable for it", () => {
    const answer = openaiCompatible({ name: "example", model: "m", baseUrl }).readResponse(
      nested(401, "No"),
      new Set(),
    );
    expect(answer).toMatchObject({ rejection: { message: expect.stringMatching(/pass one as apiKey$/) } });
  });
});
