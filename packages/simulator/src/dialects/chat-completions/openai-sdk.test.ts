import OpenAI, {
  AuthenticationError,
  AzureOpenAI,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { describe, expect, it } from "vitest";
import {
  GOOD_NEWS,
  PIXEL,
  PIXEL_ANSWER,
  SENTIMENT_SCHEMA,
  start,
  thrown,
} from "../../../fixtures/samples.ts";
import type { Fault, Simulator } from "../../index.ts";

const ANSWER = { title: "The sea", sentiment: "positive" };

function clientOf({ urls, apiKey }: Simulator): OpenAI {
  return new OpenAI({ baseURL: urls.openai, apiKey, maxRetries: 0 });
}

function azureOf({ urls, apiKey }: Simulator): AzureOpenAI {
  return new AzureOpenAI({ endpoint: urls.azure, apiKey, apiVersion: "2024-10-21", maxRetries: 0 });
}

const IMAGE = { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } } as const;
const ASKED = { type: "text", text: "What is it?" } as const;

/** The servers of Chat Completions that the OpenAI SDK can ask. */
describe.each<[string, (simulator: Simulator) => OpenAI]>([
  ["OpenAI", clientOf],
  ["Azure, by deployment", azureOf],
  [
    "Azure, by /openai/v1",
    ({ urls, apiKey }) => new OpenAI({ baseURL: `${urls.azure}/openai/v1`, apiKey, maxRetries: 0 }),
  ],
])("the OpenAI SDK with chat completions of %s", (_, connect) => {
  const ask = (content: OpenAI.ChatCompletionUserMessageParam["content"]) =>
    ({ model: "m", messages: [{ role: "user", content }] }) satisfies OpenAI.ChatCompletionCreateParams;

  it("the simulator gives the OpenAI SDK an answer of Chat Completions", async () => {
    const completion = await connect(await start()).chat.completions.create(ask("The sea is blue."));
    expect(completion).toMatchObject({
      model: "m",
      choices: [{ message: { content: "The sea is blue.", refusal: null }, finish_reason: "stop" }],
      usage: { prompt_tokens: 11, completion_tokens: 4 },
    });
    expect(completion._request_id).toMatch(/^req_/);
  });

  it("the simulator gives the OpenAI SDK structured output of Chat Completions that it can parse", async () => {
    const { choices } = await connect(await start()).chat.completions.parse({
      ...ask(GOOD_NEWS),
      response_format: {
        type: "json_schema",
        json_schema: { name: "rating", strict: true, schema: SENTIMENT_SCHEMA },
      },
    });
    expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual(ANSWER);
  });

  it.each(["required", { type: "function", function: { name: "rate" } }] as const)(
    "the simulator gives the OpenAI SDK the arguments of a function forced with %j",
    async (tool_choice) => {
      const parameters = { ...SENTIMENT_SCHEMA };
      const { choices } = await connect(await start()).chat.completions.create({
        ...ask(GOOD_NEWS),
        tools: [{ type: "function", function: { name: "rate", parameters } }],
        tool_choice,
      });
      expect(choices).toMatchObject([
        {
          message: { content: null, tool_calls: [{ function: { arguments: JSON.stringify(ANSWER) } }] },
          finish_reason: "tool_calls",
        },
      ]);
    },
  );

  it("the simulator tells the OpenAI SDK with Chat Completions about an image", async () => {
    const client = connect(await start());
    const { choices, usage } = await client.chat.completions.create(ask([ASKED, IMAGE]));
    expect(choices[0]?.message.content).toBe(PIXEL_ANSWER);
    expect(usage?.prompt_tokens).toBe(3 + 4 + 3 + 256);
  });

  it("the simulator makes the OpenAI SDK with Chat Completions throw its own errors", async () => {
    const simulator = await start({ models: ["m"] });
    const client = connect(simulator);
    const wrongKey = connect({ ...simulator, apiKey: "wrong" });
    expect(await thrown(wrongKey.chat.completions.create(ask("Hi")))).toBeInstanceOf(AuthenticationError);
    expect(await thrown(client.chat.completions.create({ ...ask("Hi"), model: "gone" }))).toBeInstanceOf(
      NotFoundError,
    );
    const bad = await thrown(client.chat.completions.create({ ...ask("Hi"), temperature: 3 }));
    if (!(bad instanceof BadRequestError)) throw bad;
    expect(bad.param).toBe("temperature");
  });

  it("the simulator tells the OpenAI SDK how long to wait after a throttled request", async () => {
    const client = connect(await start({ limits: { requestsPerMinute: 1, window: "minute" } }));
    await client.chat.completions.create(ask("Hi"));
    const error = await thrown(client.chat.completions.create(ask("Hi")));
    if (!(error instanceof RateLimitError)) throw error;
    expect(Number(error.headers.get("retry-after"))).toBeGreaterThan(50);
  });

  it.each<[Fault, object]>([
    [{ kind: "contentList" }, { choices: [{ message: { content: [{ type: "text", text: "Blue." }] } }] }],
    [{ kind: "emptyContent" }, { choices: [{ message: { content: "" }, finish_reason: "stop" }] }],
    [{ kind: "failed" }, { choices: [{ finish_reason: "error" }] }],
    [
      { kind: "thinking", tokens: 9 },
      {
        choices: [{ message: { content: "Blue.", reasoning_content: expect.any(String) } }],
        usage: { completion_tokens: 11, completion_tokens_details: { reasoning_tokens: 9 } },
      },
    ],
    [
      { kind: "cacheHit", tokens: 2 },
      { usage: { prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 2 } } },
    ],
    [
      { kind: "errorInside", form: "openrouter" },
      { error: { code: 502, message: "Provider returned error" } },
    ],
    [
      { kind: "errorInside", form: "xai", message: "No" },
      { code: "502", error: "No" },
    ],
    [{ kind: "blankLines" }, { choices: [{ message: { content: "Blue." } }] }],
  ])(
    "the simulator gives the OpenAI SDK an answer of Chat Completions with the fault %j",
    async (fault, completion) => {
      const client = connect(await start({ faults: [fault] }));
      expect(await client.chat.completions.create(ask("Blue."))).toMatchObject(completion);
    },
  );
});

describe.each<[string, (simulator: Simulator) => OpenAI]>([
  ["OpenAI", clientOf],
  ["Azure", azureOf],
])("the OpenAI SDK with responses of %s", (_, connect) => {
  it("the simulator gives the OpenAI SDK an answer of the Responses API", async () => {
    const response = await connect(await start()).responses.create({
      model: "m",
      instructions: "Summarize.",
      input: "The sea is blue.",
      store: false,
    });
    expect(response).toMatchObject({
      object: "response",
      status: "completed",
      error: null,
      incomplete_details: null,
      model: "m",
      store: false,
      output_text: "The sea is blue.",
      usage: { input_tokens: 18, output_tokens: 4, total_tokens: 22 },
    });
  });

  it("the simulator gives the OpenAI SDK structured output of the Responses API that it can parse", async () => {
    const format = {
      type: "json_schema",
      name: "rating",
      strict: true,
      schema: { ...SENTIMENT_SCHEMA },
    } as const;
    const response = await connect(await start()).responses.parse({
      model: "m",
      input: [{ role: "user", content: GOOD_NEWS }],
      text: { format },
    });
    expect(JSON.parse(response.output_text)).toEqual(ANSWER);
  });

  it("the simulator gives the OpenAI SDK the arguments of a forced function of the Responses API", async () => {
    const { output } = await connect(await start()).responses.create({
      model: "m",
      input: GOOD_NEWS,
      tools: [{ type: "function", name: "rate", parameters: { ...SENTIMENT_SCHEMA }, strict: true }],
      tool_choice: { type: "function", name: "rate" },
    });
    expect(output).toMatchObject([
      { type: "function_call", name: "rate", arguments: JSON.stringify(ANSWER), call_id: expect.any(String) },
    ]);
  });

  it("the simulator tells the OpenAI SDK with the Responses API about an image", async () => {
    const image_url = `data:image/png;base64,${PIXEL}`;
    const response = await connect(await start()).responses.create({
      model: "m",
      input: [{ role: "user", content: [{ type: "input_image", image_url, detail: "auto" }] }],
    });
    expect(response.output_text).toBe(PIXEL_ANSWER);
    expect(response.usage?.input_tokens).toBe(3 + 4 + 256);
  });

  it("the simulator makes the OpenAI SDK with the Responses API throw its own errors", async () => {
    const simulator = await start({ models: ["m"], limits: { requestsPerMinute: 1 } });
    const client = connect(simulator);
    const ask = (more: object) => thrown(client.responses.create({ model: "m", input: "Hi", ...more }));
    const wrongKey = connect({ ...simulator, apiKey: "wrong" });
    expect(await thrown(wrongKey.responses.create({ model: "m", input: "Hi" }))).toBeInstanceOf(
      AuthenticationError,
    );
    expect(await ask({ model: "gone" })).toBeInstanceOf(NotFoundError);
    expect(await ask({ temperature: 3 })).toBeInstanceOf(BadRequestError);
    await client.responses.create({ model: "m", input: "Hi" });
    const refused = await ask({});
    if (!(refused instanceof RateLimitError)) throw refused;
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it.each<[Fault, object]>([
    [{ kind: "failed" }, { status: "failed", error: { code: "server_error" }, output: [], output_text: "" }],
    [
      { kind: "lengthCutOff" },
      { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output_text: "Blu" },
    ],
    [
      { kind: "contentFilter" },
      { status: "incomplete", incomplete_details: { reason: "content_filter" }, output: [] },
    ],
    [
      { kind: "refusal" },
      { status: "completed", output: [{ content: [{ type: "refusal", refusal: expect.any(String) }] }] },
    ],
    [
      { kind: "thinking", tokens: 9 },
      {
        output: [{ type: "reasoning" }, { type: "message" }],
        usage: { output_tokens: 11, output_tokens_details: { reasoning_tokens: 9 } },
      },
    ],
    [{ kind: "emptyContent" }, { status: "completed", output: [{ type: "message" }], output_text: "" }],
    [{ kind: "emptyChoices" }, { status: "completed", output: [] }],
    [{ kind: "cacheHit", tokens: 2 }, { usage: { input_tokens_details: { cached_tokens: 2 } } }],
  ])(
    "the simulator gives the OpenAI SDK an answer of the Responses API with the fault %j",
    async (fault, response) => {
      const client = connect(await start({ faults: [fault] }));
      expect(await client.responses.create({ model: "m", input: "Blue." })).toMatchObject(response);
    },
  );
});

describe("responsesDialect", () => {
  it.each<[object, object]>([
    [{ max_tokens: 5 }, { code: "unsupported_parameter", param: "max_tokens" }],
    [{ response_format: {} }, { code: "unsupported_parameter", param: "response_format" }],
    [{ n: 2 }, { code: "unknown_parameter", param: "n" }],
    [{ seed: 2 }, { code: "unknown_parameter", param: "seed" }],
    [{ stop: "x" }, { code: "unknown_parameter", param: "stop" }],
    [{ input: undefined }, { code: "missing_required_parameter", param: "input" }],
    [{ input: 5 }, { code: "invalid_type", param: "input" }],
    [{ input: [] }, { code: "array_below_min_length", param: "input" }],
    [{ input: [{ content: "Hi" }] }, { code: "missing_required_parameter", param: "input[0].role" }],
    [
      { input: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] },
      { code: "invalid_value", param: "input[0].content[0].type" },
    ],
    [{ max_output_tokens: 15 }, { code: "integer_below_min_value", param: "max_output_tokens" }],
    [{ reasoning: { effort: "huge" } }, { code: "invalid_value", param: "reasoning.effort" }],
    [{ text: { format: { type: "json_object" } } }, { code: null, param: "input" }],
    [
      { text: { format: { type: "json_schema", schema: {} } } },
      { code: "missing_required_parameter", param: "text.format.name" },
    ],
    [
      { text: { format: { type: "json_schema", name: "a", strict: true, schema: { type: "object" } } } },
      { code: "invalid_json_schema", param: "text.format.schema" },
    ],
    [{ tool_choice: { type: "function", name: "gone" } }, { param: "tool_choice" }],
  ])("the simulator refuses a Responses request with %j", async (change, error) => {
    const { urls, apiKey } = await start();
    const response = await fetch(`${urls.openai}/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ model: "m", input: "Hi", ...change }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { type: "invalid_request_error", ...error } },
    ]);
  });
});

describe("azureDialect", () => {
  async function post(
    { urls, apiKey }: Simulator,
    path: string,
    body: object = {},
  ): Promise<{ status: number; headers: Headers; body: unknown }> {
    const response = await fetch(`${urls.azure}/openai/${path}`, {
      method: "POST",
      headers: { "api-key": apiKey },
      body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }], ...body }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  it("the simulator demands the API version in the URL of an Azure deployment, and no model in the body", async () => {
    const simulator = await start();
    const path = "deployments/my%20model/chat/completions";
    expect(await post(simulator, path)).toMatchObject({ status: 404, body: { error: { code: "404" } } });
    const answered = await post(simulator, `${path}?api-version=2024-10-21`);
    expect(answered).toMatchObject({ status: 200, body: { model: "my model" } });
    expect(await post(simulator, "deployments/%zz/chat/completions?api-version=1")).toMatchObject({
      body: { model: "%zz" },
    });
  });

  it("the simulator has errors of Azure", async () => {
    const simulator = await start({
      models: ["m"],
      faults: [undefined, undefined, { kind: "contentFilter", at: "prompt" }],
    });
    const path = "v1/chat/completions";
    expect(await post({ ...simulator, apiKey: "wrong" }, path)).toMatchObject({
      status: 401,
      body: { error: { code: "401", message: expect.stringContaining("invalid subscription key") } },
    });
    expect(await post(simulator, path, { model: "gone" })).toMatchObject({
      status: 404,
      body: { error: { code: "DeploymentNotFound" } },
    });
    expect(await post(simulator, path, { model: "m" })).toMatchObject({
      status: 400,
      body: { error: { code: "content_filter", innererror: { code: "ResponsibleAIPolicyViolation" } } },
    });
  });

  it("the simulator tells Azure limits in whole seconds and charges max_tokens on arrival", async () => {
    const simulator = await start({ limits: { tokensPerMinute: 100, window: "minute" } });
    const path = "v1/chat/completions";
    const { headers } = await post(simulator, path, { model: "m", max_tokens: 80 });
    expect(headers.get("x-ratelimit-remaining-tokens")).toBe("12");
    expect(headers.get("x-ratelimit-reset-tokens")).toMatch(/^\d\d$/);
    expect(headers.get("x-ratelimit-renewalperiod-tokens")).toBe("60");
    const refused = await post(simulator, path, { model: "m", max_tokens: 80 });
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "RateLimitReached" } } });
    expect(JSON.stringify(refused.body)).toMatch(/token rate limit .* Please retry after \d\d seconds\./);
  });
});
