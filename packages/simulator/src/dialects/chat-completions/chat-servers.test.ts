import { describe, expect, it } from "vitest";
import { start } from "../../../fixtures/samples.ts";
import { ollamaCloudDialect, type ApiName, type Simulator, type SimulatorOptions } from "../../index.ts";

const SERVERS = [
  "deepseek",
  "fireworks",
  "groq",
  "llamacpp",
  "openrouter",
  "together",
  "vllm",
  "xai",
] as const satisfies readonly ApiName[];
type Server = (typeof SERVERS)[number];

const HI = { model: "m", messages: [{ role: "user", content: "The sea is blue." }] };
const SCHEMA = { type: "json_schema", json_schema: { name: "a", schema: { type: "object" } } };
/** Limits that no test reaches. */
const LIMITS = {
  requestsPerMinute: 600,
  tokensPerMinute: 60_000,
  inputTokensPerMinute: 40_000,
  outputTokensPerMinute: 20_000,
  window: "minute",
} as const;

async function ask({ urls, apiKey }: Simulator, server: Server, change: object = {}) {
  const headers = { authorization: `Bearer ${apiKey}` };
  const body = JSON.stringify({ ...HI, ...change });
  const response = await fetch(`${urls[server]}/chat/completions`, { method: "POST", headers, body });
  const told = [...response.headers].filter(([name]) => /limit|retry/.test(name));
  return { status: response.status, body: await response.json(), told: Object.fromEntries(told) };
}

/** The response to one request that is refused. */
async function refused(server: Server, options: SimulatorOptions, change?: object) {
  return ask(await start(options), server, change);
}

describe.each(SERVERS)("chat completions of %s", (server) => {
  it(`the simulator of ${server} answers requests with the right key, and refuses another`, async () => {
    const simulator = await start();
    expect(await ask(simulator, server)).toMatchObject({
      status: 200,
      body: { choices: [{ message: { content: "The sea is blue." } }], usage: { prompt_tokens: 11 } },
    });
    expect(await ask({ ...simulator, apiKey: "wrong" }, server)).toMatchObject({
      // xAI answers a wrong key with the status of a malformed request.
      status: server === "xai" ? 400 : 401,
    });
  });

  it(`the simulator of ${server} lists its models`, async () => {
    const { urls, apiKey } = await start({ models: ["one"] });
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(`${urls[server]}/models`, { headers });
    expect(await response.json()).toMatchObject({ data: [{ id: "one" }] });
  });
});

describe("limits of chat servers", () => {
  it.each<[Server, object]>([
    [
      "groq",
      {
        // 600 per minute are 864,000 per day.
        "x-ratelimit-limit-requests": "864000",
        "x-ratelimit-remaining-requests": "863999",
        "x-ratelimit-limit-tokens": "60000",
        "x-ratelimit-remaining-tokens": "59985",
      },
    ],
    [
      "together",
      {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": "9",
        "x-ratelimit-reset": expect.stringMatching(/^\d+$/),
        "x-tokenlimit-limit": "1000",
        "x-tokenlimit-remaining": "999",
      },
    ],
    [
      "fireworks",
      {
        "x-ratelimit-limit-tokens-prompt": "40000",
        "x-ratelimit-remaining-tokens-prompt": "39989",
        "x-ratelimit-limit-tokens-generated": "20000",
        "x-ratelimit-remaining-tokens-generated": "19996",
        "x-ratelimit-over-limit": "no",
      },
    ],
    ["xai", { "x-ratelimit-limit-requests": "600", "x-ratelimit-limit-tokens": "60000" }],
  ])("the simulator of %s tells its limits in the headers of that server", async (server, headers) => {
    expect((await refused(server, { limits: LIMITS })).told).toMatchObject(headers);
  });

  it.each<Server>(["deepseek", "openrouter", "vllm", "llamacpp"])(
    "the simulator of %s tells no limits",
    async (server) => {
      expect((await refused(server, { limits: LIMITS })).told).toEqual({});
    },
  );

  it("the simulator of OpenRouter tells its limits in the body of a refusal", async () => {
    const simulator = await start({ limits: { requestsPerMinute: 1 } });
    await ask(simulator, "openrouter");
    const { status, body, told } = await ask(simulator, "openrouter");
    expect({ status, body }).toMatchObject({
      status: 429,
      body: {
        error: {
          code: 429,
          metadata: { headers: { "X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0" } },
        },
      },
    });
    expect(Number(told["retry-after"])).toBeGreaterThan(0);
  });
});

describe("parameters of chat servers", () => {
  it.each<[Server, object]>([
    ["groq", { provider: { order: ["a"] } }],
    ["groq", { n: 2 }],
    ["xai", { n: 2 }],
    ["deepseek", { seed: 1 }],
    ["deepseek", { n: 2 }],
    ["deepseek", { response_format: SCHEMA }],
    ["together", { provider: {} }],
    ["vllm", { provider: {} }],
  ])("the simulator of %s refuses a request with %j", async (server, change) => {
    expect((await refused(server, {}, change)).status).toBe(400);
  });

  it.each<[Server, object]>([
    ["groq", { reasoning_format: "hidden", response_format: SCHEMA }],
    ["deepseek", { thinking: { type: "disabled" } }],
    ["together", { n: 2, repetition_penalty: 1, response_format: SCHEMA }],
    ["fireworks", { n: 2, top_k: 3, response_format: SCHEMA }],
    ["openrouter", { provider: { require_parameters: true }, response_format: SCHEMA }],
    ["openrouter", { whatever: 1, reasoning: { effort: "low" } }],
    ["vllm", { n: 2, structured_outputs: {} }],
    ["llamacpp", { n: 2, cache_prompt: true }],
  ])("the simulator of %s takes a request with %j", async (server, change) => {
    expect((await refused(server, {}, change)).status).toBe(200);
  });

  it("the simulator of OpenRouter drops parameters that no server knows, unless the request demands all", async () => {
    const { body } = await refused("openrouter", {}, { n: 2 });
    expect(body).toMatchObject({ choices: [{ index: 0 }] });
    expect(body).not.toHaveProperty("choices.1");
    const demanded = { n: 2, provider: { require_parameters: true } };
    expect(await refused("openrouter", {}, demanded)).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining("No endpoints found") } },
    });
  });

  it("the simulator of DeepSeek thinks if a parameter asks for it", async () => {
    const { body } = await refused("deepseek", {}, { thinking: { type: "enabled" } });
    expect(body).toHaveProperty("choices.0.message.reasoning_content");
  });
});

describe("errors and usage of chat servers", () => {
  const blocked = { faults: [{ kind: "contentFilter", at: "prompt" }] } as const;

  it.each<[Server, SimulatorOptions, number, object]>([
    ["deepseek", blocked, 400, { error: { message: "Content Exists Risk", code: "invalid_request_error" } }],
    ["deepseek", { models: ["other"] }, 400, { error: { message: "Model Not Exist" } }],
    ["deepseek", { faults: [{ kind: "noCredit" }] }, 402, { error: { message: "Insufficient Balance" } }],
    ["xai", blocked, 403, { error: "Content violates usage guidelines." }],
    ["xai", { models: ["other"] }, 404, { code: "Some requested entity was not found" }],
    ["openrouter", blocked, 403, { error: { code: 403, metadata: { reasons: ["violence"] } } }],
    ["openrouter", { models: ["other"] }, 400, { error: { message: "m is not a valid model ID" } }],
    ["fireworks", { models: ["other"] }, 404, { object: "error", code: "NOT_FOUND" }],
    [
      "fireworks",
      { limits: { tokensPerMinute: 1 } },
      429,
      { object: "error", type: "invalid_request_error" },
    ],
    [
      "together",
      { faults: [{ kind: "status", status: 503 }] },
      503,
      { error: { type: "service_unavailable" } },
    ],
    ["groq", { limits: { tokensPerMinute: 1 } }, 413, { error: { code: "rate_limit_exceeded" } }],
    ["vllm", { contextTokens: 1 }, 400, { error: { type: "BadRequestError", param: "input_tokens" } }],
    ["llamacpp", { contextTokens: 1 }, 400, { error: { type: "exceed_context_size_error", n_ctx: 1 } }],
    // A server without its own words tells errors as OpenAI does.
    ["deepseek", { contextTokens: 1 }, 400, { error: { code: "context_length_exceeded" } }],
  ])(
    "the simulator of %s with the options %j answers with the error of status %i",
    async (server, options, status, body) => {
      expect(await refused(server, options)).toMatchObject({ status, body });
    },
  );

  it("the simulator of llama.cpp counts the usage of the first choice alone, and gives four choices at most", async () => {
    const two = await refused("llamacpp", {}, { n: 2 });
    const one = await refused("llamacpp", {});
    const usage = (of: typeof two): unknown => Object.assign({ usage: undefined }, of.body).usage;
    expect(usage(two)).toEqual(usage(one));
    expect(await refused("llamacpp", {}, { n: 5 })).toMatchObject({
      status: 400,
      body: { error: { message: "Field 'n': Value must be between 1 <= value <= 4, but got 5" } },
    });
  });

  it("the simulator of xAI counts thinking separately from the output, and that of DeepSeek what it reads from its cache", async () => {
    const { body } = await refused("xai", { faults: [{ kind: "thinking", tokens: 7 }] });
    expect(body).toMatchObject({
      usage: { completion_tokens: 4, total_tokens: 22, completion_tokens_details: { reasoning_tokens: 7 } },
    });
    const cached = await refused("deepseek", { faults: [{ kind: "cacheHit", tokens: 5 }] });
    expect(cached.body).toMatchObject({
      usage: { prompt_cache_hit_tokens: 5, prompt_cache_miss_tokens: 6 },
    });
  });
});

describe("ollamaCloudDialect", () => {
  it("the simulator demands a key for Ollama's cloud, which does not enforce a format", async () => {
    const { baseUrl, apiKey } = await start({ dialect: ollamaCloudDialect });
    const post = async (key: string): Promise<{ status: number; body: unknown }> => {
      const response = await fetch(`${baseUrl}/api/chat`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ ...HI, stream: false, format: "json" }),
      });
      return { status: response.status, body: await response.json() };
    };
    expect(await post("wrong")).toEqual({ status: 401, body: { error: "unauthorized" } });
    expect(await post(apiKey)).toMatchObject({
      status: 200,
      body: { message: { content: "The sea is blue." } },
    });
  });
});
