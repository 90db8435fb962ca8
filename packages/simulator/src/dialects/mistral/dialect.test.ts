import { describe, expect, it } from "vitest";
import {
  HTTPValidationError,
  Mistral,
  MistralError,
  type MistralRequest,
} from "../../../fixtures/mistral-sdk.js";
import { GOOD_NEWS, PIXEL, PIXEL_ANSWER, sentimentSchema, start, thrown } from "../../../fixtures/samples.ts";
import type { Fault, Simulator } from "../../index.ts";

const ANSWER = { title: "The sea", sentiment: "positive" };

function clientOf({ urls, apiKey }: Simulator): Mistral {
  // The SDK adds the version path itself.
  return new Mistral({ serverURL: urls.mistral.replace(/\/v1$/, ""), apiKey });
}

function ask(content: string | readonly object[], more: Partial<MistralRequest> = {}): MistralRequest {
  return { model: "mistral-test", messages: [{ role: "user", content }], ...more };
}

async function errorOf(promise: Promise<unknown>): Promise<MistralError> {
  const error = await thrown(promise);
  if (!(error instanceof MistralError)) throw error;
  return error;
}

describe("the Mistral SDK", () => {
  it("the simulator gives the Mistral SDK an answer", async () => {
    const answer = await clientOf(await start()).chat.complete(ask("The sea is blue."));
    expect(answer).toMatchObject({
      model: "mistral-test",
      choices: [{ message: { content: "The sea is blue." }, finishReason: "stop" }],
      usage: { promptTokens: 11, completionTokens: 4, totalTokens: 15 },
    });
  });

  it("the simulator gives the Mistral SDK structured output that it can parse", async () => {
    const schemaDefinition = sentimentSchema();
    const { choices } = await clientOf(await start()).chat.complete(
      ask(GOOD_NEWS, {
        responseFormat: {
          type: "json_schema",
          jsonSchema: { name: "rating", schemaDefinition, strict: true },
        },
      }),
    );
    expect(choices[0]?.message?.content).toBe(JSON.stringify(ANSWER));
  });

  it.each(["any", "required", { type: "function", function: { name: "rate" } }] as const)(
    "the simulator gives the Mistral SDK the arguments of a function forced with %j",
    async (toolChoice) => {
      const { choices } = await clientOf(await start()).chat.complete(
        ask(GOOD_NEWS, {
          tools: [{ type: "function", function: { name: "rate", parameters: sentimentSchema() } }],
          toolChoice,
        }),
      );
      expect(choices).toMatchObject([
        {
          finishReason: "tool_calls",
          message: {
            toolCalls: [
              { id: expect.stringMatching(/^\w{9}$/), function: { arguments: JSON.stringify(ANSWER) } },
            ],
          },
        },
      ]);
    },
  );

  it.each([`data:image/png;base64,${PIXEL}`, { url: `data:image/png;base64,${PIXEL}` }])(
    "the simulator tells the Mistral SDK about an image",
    async (imageUrl) => {
      const { choices, usage } = await clientOf(await start()).chat.complete(
        ask([
          { type: "text", text: "What is it?" },
          { type: "image_url", imageUrl },
        ]),
      );
      expect(choices[0]?.message?.content).toBe(PIXEL_ANSWER);
      expect(usage.promptTokens).toBe(3 + 4 + 3 + 256);
    },
  );

  it("the simulator makes the Mistral SDK throw its own errors", async () => {
    const simulator = await start({ models: ["mistral-test"] });
    const client = clientOf(simulator);
    const wrongKey = clientOf({ ...simulator, apiKey: "wrong" });
    expect((await errorOf(wrongKey.chat.complete(ask("Hi")))).statusCode).toBe(401);
    const gone = await errorOf(client.chat.complete({ ...ask("Hi"), model: "gone" }));
    expect([gone.statusCode, JSON.parse(gone.body)]).toMatchObject([
      400,
      { type: "invalid_model", code: "1500" },
    ]);
    const hot = await thrown(client.chat.complete(ask("Hi", { temperature: 2 })));
    if (!(hot instanceof HTTPValidationError)) throw hot;
    expect(hot.detail).toMatchObject([
      {
        loc: ["body", "temperature"],
        msg: "Input should be less than or equal to 1.5",
        type: "less_than_equal",
      },
    ]);
  });

  it("the simulator tells the Mistral SDK the limits with an answer, and not with a refusal", async () => {
    const simulator = await start({
      limits: { requestsPerMinute: 1, tokensPerMinute: 100, window: "minute" },
    });
    const answered = await post(simulator, {});
    const limits = (headers: Headers) =>
      Object.fromEntries([...headers].filter(([name]) => /limit|retry/.test(name)));
    expect(limits(answered.headers)).toEqual({
      "x-ratelimit-limit-req-minute": "1",
      "x-ratelimit-remaining-req-minute": "0",
      "x-ratelimit-limit-tokens-minute": "100",
      "x-ratelimit-remaining-tokens-minute": "91",
    });
    const refused = await errorOf(clientOf(simulator).chat.complete(ask("Hi")));
    expect(limits(refused.headers)).toEqual({});
    expect([refused.statusCode, JSON.parse(refused.body)]).toEqual([
      429,
      { object: "error", message: "Rate limit exceeded", type: "rate_limited", param: null, code: "1300" },
    ]);
  });

  it.each<[Fault, object]>([
    [{ kind: "failed" }, { choices: [{ finishReason: "error" }] }],
    [{ kind: "contentList" }, { choices: [{ message: { content: [{ type: "text", text: "Blue." }] } }] }],
    [{ kind: "emptyContent" }, { choices: [{ message: { content: "" } }] }],
    [
      { kind: "thinking", tokens: 7 },
      {
        choices: [{ message: { content: [{ type: "thinking" }, { type: "text", text: "Blue." }] } }],
        usage: { completionTokens: 9 },
      },
    ],
    [{ kind: "cacheHit", tokens: 5 }, { usage: { promptTokens: 9, num_cached_tokens: 5 } }],
  ])("the simulator gives the Mistral SDK an answer with the fault %j", async (fault, answer) => {
    const client = clientOf(await start({ faults: [fault] }));
    expect(await client.chat.complete(ask("Blue."))).toMatchObject(answer);
  });
});

function post({ urls, apiKey }: Simulator, change: object): Promise<Response> {
  return fetch(`${urls.mistral}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hi" }], ...change }),
  });
}

describe("mistralDialect", () => {
  it.each<[object, object]>([
    [
      { seed: 1 },
      { type: "extra_forbidden", loc: ["body", "seed"], msg: "Extra inputs are not permitted", input: 1 },
    ],
    [{ max_completion_tokens: 1 }, { type: "extra_forbidden", loc: ["body", "max_completion_tokens"] }],
    [{ messages: undefined }, { type: "missing", loc: ["body", "messages"], msg: "Field required" }],
    [{ max_tokens: "5" }, { type: "int_type", loc: ["body", "max_tokens"] }],
    [
      { messages: [{ role: "developer", content: "Hi" }] },
      { type: "literal_error", loc: ["body", "messages", 0, "role"] },
    ],
    [
      { response_format: { type: "json_schema" } },
      { type: "missing", loc: ["body", "response_format", "json_schema"] },
    ],
  ])("the simulator refuses a Mistral request with %j", async (change, detail) => {
    const response = await post(await start(), change);
    expect([response.status, await response.json()]).toMatchObject([422, { detail: [detail] }]);
  });

  it("the simulator blocks a Mistral prompt with a 403, and never filters an answer", async () => {
    const simulator = await start({
      faults: [{ kind: "contentFilter", at: "prompt" }, { kind: "contentFilter" }],
    });
    const blocked = await post(simulator, {});
    expect([blocked.status, await blocked.json()]).toMatchObject([
      403,
      { message: "Content blocked by guardrail" },
    ]);
    expect((await post(simulator, {})).status).toBe(501);
  });

  it("the simulator demands that the last message to Mistral is the user's", async () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Ho" },
    ];
    const response = await post(await start(), { messages });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { type: "invalid_request_message_order", code: "3230" },
    ]);
  });
});
