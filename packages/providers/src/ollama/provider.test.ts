import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { STREAMS } from "../../fixtures/streams.ts";
import { ollama } from "./provider.ts";
import type { Call, ProviderResponse } from "../provider.ts";
import { testProvider } from "../testing.ts";

const ANSWER = {
  model: "qwen3:8b",
  created_at: "2026-11-26T11:00:00.000000Z",
  message: { role: "assistant", content: "Hello there", thinking: "They greet me." },
  done: true,
  done_reason: "stop",
  total_duration: 5_589_157_167,
  prompt_eval_count: 26,
  eval_count: 90,
};

const error = (status: number, message: string): ProviderResponse => ({
  status,
  headers: {},
  body: JSON.stringify({ error: message }),
});

const ERRORS = [
  {
    name: "bad key of the cloud",
    response: error(401, "unauthorized"),
    verdict: "stop",
    code: "AUTHENTICATION",
  },
  {
    name: "unknown model",
    response: error(404, 'model "qwen9" not found, try pulling it first'),
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
    name: "full queue",
    response: error(503, "server busy, please try again.  maximum pending requests exceeded"),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "usage of the hour",
    response: error(429, "you've reached your hourly usage limit, please upgrade to continue"),
    verdict: "wait",
    code: "RATE_LIMITED",
  },
  {
    name: "usage of the week",
    response: error(429, "you've reached your weekly usage limit, please upgrade to continue"),
    verdict: "stop",
    code: "NO_CREDIT",
  },
  {
    name: "crash of the model",
    response: error(500, "llama runner process has terminated: exit status 2"),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "fault after the answer began",
    response: error(200, "an error was encountered while running the model: unexpected EOF"),
    verdict: "retry",
    code: "SERVER_ERROR",
  },
  {
    name: "200 that is a page",
    response: { status: 200, headers: { "content-type": "text/plain" }, body: "Ollama is running" },
    verdict: "retry",
    code: "BAD_RESPONSE",
  },
  {
    name: "bad request",
    response: error(400, "model is required"),
    verdict: "fail",
    code: "BAD_REQUEST",
  },
  {
    name: "context too long",
    response: error(400, "the input length exceeds the context length"),
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
  },
  {
    name: "schema refused",
    response: error(
      500,
      "failed to load model vocabulary required for format: invalid JSON schema in format",
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
const FIXED = { stream: false, truncate: false, shift: false };

describe("ollama", () => {
  testProvider(it, {
    provider: (apiKey) => ollama({ model: "qwen3:8b", apiKey }),
    stream: STREAMS.ollama,
    answer: {
      response: { status: 200, headers: {}, body: JSON.stringify(ANSWER) },
      texts: ["Hello there"],
      inputTokens: 26,
      outputTokens: 90,
    },
    errors: ERRORS,
  });

  const local = (options: Partial<Parameters<typeof ollama>[0]> = {}) => ollama({ model: "m", ...options });
  const bodyOf = (call: Call, ...amendments: string[]): unknown =>
    JSON.parse(local().buildRequest(call, new Set(amendments)).body);
  const read = (body: unknown) =>
    local().readResponse({ status: 200, headers: {}, body: JSON.stringify(body) }, new Set());

  beforeEach(() => {
    for (const name of ["OLLAMA_HOST", "OLLAMA_API_KEY"]) vi.stubEnv(name, "");
  });
  afterEach(() => void vi.unstubAllEnvs());

  it("the provider sends Ollama only the required fields when no parameter is set, and forbids it to cut silently", () => {
    expect(bodyOf(CALL)).toEqual({ model: "m", messages: CALL.prompt.messages, ...FIXED });
  });

  it("the provider sends Ollama every parameter that is set, under its own name and besides extra options", () => {
    const params = { temperature: 0, topP: 0.5, maxTokens: 9, seed: 1, stop: ["x"] };
    const provider = local({ extraBody: { options: { num_ctx: 8192 }, keep_alive: "1h", truncate: true } });
    const request = provider.buildRequest({ ...CALL, params }, new Set());
    expect(JSON.parse(request.body)).toMatchObject({
      options: { temperature: 0, top_p: 0.5, num_predict: 9, seed: 1, stop: ["x"], num_ctx: 8192 },
      keep_alive: "1h",
      truncate: true,
    });
    expect(request.maxOutputTokens).toBe(9);
    expect(
      local({ extraBody: { options: { num_predict: -1 } } }).buildRequest(CALL, new Set()),
    ).not.toHaveProperty("maxOutputTokens");
  });

  it("the provider sends Ollama images by their bytes", () => {
    const images = [{ mediaType: "image/png", data: "AAAA" }];
    const messages = [{ role: "user" as const, content: "What is it?", images }];
    expect(bodyOf({ ...CALL, prompt: { messages } })).toMatchObject({
      messages: [{ role: "user", content: "What is it?", images: ["AAAA"] }],
    });
  });

  it("the provider asks Ollama for JSON by a schema, then by JSON mode, then by words, and always in words, too", () => {
    const schema = { type: "object", properties: { a: { type: "string", minLength: 1 } }, required: ["a"] };
    const shape = { type: "json" as const, name: "answer", instructions: "Answer with JSON.", schema };
    const call = { ...CALL, shape };
    const messages = [{ role: "system", content: "Answer with JSON." }, ...CALL.prompt.messages];
    expect(bodyOf(call)).toEqual({ model: "m", messages, format: schema, ...FIXED });
    expect(bodyOf(call, "json:object")).toEqual({ model: "m", messages, format: "json", ...FIXED });
    expect(bodyOf(call, "json:object", "json:instructions")).toEqual({ model: "m", messages, ...FIXED });
  });

  it.each([
    ["none", [], false],
    ["minimal", [], "low"],
    ["medium", [], "medium"],
    ["max", [], "high"],
    ["max", ["use:think"], true],
    ["none", ["use:think"], false],
    ["max", ["omit:reasoning_effort"], undefined],
  ] as const)(
    "the provider sends Ollama the reasoning effort %s after the amendments %j as %j",
    (reasoningEffort, amendments, think) => {
      const body = bodyOf({ ...CALL, params: { reasoningEffort } }, ...amendments);
      expect(body).toEqual({
        model: "m",
        messages: CALL.prompt.messages,
        ...FIXED,
        ...(think === undefined ? {} : { think }),
      });
    },
  );

  it.each([
    ['think value "low" is not supported for this model', [], "use:think"],
    ['think value "low" is not supported for this model', ["use:think"], "omit:reasoning_effort"],
    ['"llama3.2" does not support thinking', [], "omit:reasoning_effort"],
    ["failed to create grammar", ["json:object"], "json:instructions"],
    ["failed to create grammar", ["json:object", "json:instructions"], undefined],
  ])(
    "the provider answers Ollama's refusal %j after the amendments %j by the amendment %s",
    (message, amendments, expected) => {
      const answer = local().readResponse(error(400, message), new Set(amendments));
      expect(!answer.ok && answer.rejection).toMatchObject(
        expected === undefined ? { verdict: "fail" } : { verdict: "amend", amendment: expected },
      );
    },
  );

  it.each([
    ["stop", "stop"],
    ["length", "length"],
    ["load", "other"],
    [undefined, "stop"],
  ])("the provider reads Ollama's done reason %s as %s", (done_reason, finishReason) => {
    expect(read({ ...ANSWER, done_reason })).toMatchObject({
      completion: { model: "qwen3:8b", choices: [{ finishReason }] },
    });
  });

  it.each([
    ["", "http://127.0.0.1:11434"],
    ["gpu.lan", "http://gpu.lan:11434"],
    ["gpu.lan:80", "http://gpu.lan"],
    [":9000", "http://127.0.0.1:9000"],
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["0.0.0.0:9000", "http://127.0.0.1:9000"],
    ["http://gpu.lan", "http://gpu.lan"],
    ["https://gpu.lan/ollama/", "https://gpu.lan/ollama"],
    ["https://ollama.com/api", "https://ollama.com"],
  ])("the provider reads OLLAMA_HOST %j as %s", (host, baseUrl) => {
    vi.stubEnv("OLLAMA_HOST", host);
    expect(local().baseUrl).toBe(baseUrl);
    expect(local().buildRequest(CALL, new Set()).url).toBe(`${baseUrl}/api/chat`);
  });

  it("the provider sends the key in the environment only to Ollama's cloud, and a key that is passed to any server", async () => {
    vi.stubEnv("OLLAMA_API_KEY", "cloud-key");
    const credentials = async (options: Partial<Parameters<typeof ollama>[0]>) => {
      const provider = local(options);
      return provider.authorize(provider.buildRequest(CALL, new Set()));
    };
    expect(await credentials({ baseUrl: "https://ollama.com" })).toEqual({
      authorization: "Bearer cloud-key",
    });
    expect(await credentials({})).toEqual({});
    expect(await credentials({ baseUrl: "https://notollama.com" })).toEqual({});
    expect(await credentials({ apiKey: "mine" })).toEqual({ authorization: "Bearer mine" });
  });
});
