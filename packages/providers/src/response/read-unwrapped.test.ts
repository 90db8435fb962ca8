import { describe, expect, it } from "vitest";
import { json } from "../../fixtures/responses.ts";
import {
  anthropic,
  bedrock,
  cohere,
  gemini,
  ollama,
  openai,
  openaiResponses,
  type Provider,
  type ProviderAnswer,
} from "../index.ts";

const options = { model: "m", apiKey: "k-0123456789abcdef" };
const CHAT = {
  choices: [{ message: { content: "Hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1 },
};
const APIS: readonly (readonly [name: string, provider: Provider, body: object])[] = [
  ["Chat Completions", openai(options), CHAT],
  [
    "Responses",
    openaiResponses(options),
    { status: "completed", output: [{ type: "message", content: [{ type: "output_text", text: "Hi" }] }] },
  ],
  ["Messages", anthropic(options), { content: [{ type: "text", text: "Hi" }], stop_reason: "end_turn" }],
  [
    "Gemini",
    gemini(options),
    { candidates: [{ content: { parts: [{ text: "Hi" }] }, finishReason: "STOP" }] },
  ],
  ["Ollama", ollama({ model: "m" }), { message: { content: "Hi" }, done: true, done_reason: "stop" }],
  [
    "Cohere",
    cohere(options),
    { message: { content: [{ type: "text", text: "Hi" }] }, finish_reason: "COMPLETE" },
  ],
  [
    "Converse",
    bedrock({ ...options, region: "eu-central-1" }),
    { output: { message: { content: [{ text: "Hi" }] } }, stopReason: "end_turn" },
  ],
];
const openaiApi = openai(options);

const read = (provider: Provider, body: unknown, status = 200): ProviderAnswer =>
  provider.readResponse(json(status, body), new Set());

describe.each(APIS)("an answer of %s that a gateway has wrapped once more", (_name, provider, body) => {
  it.each<[string, (inner: object) => object, string]>([
    ["data", (data) => ({ data }), "data"],
    ["Cloudflare's result", (result) => ({ result, success: true, errors: [], messages: [] }), "result"],
    ["response", (response) => ({ response }), "response"],
    ["a code of success", (data) => ({ code: 0, msg: "操作成功", data }), "data"],
    ["a status of success", (data) => ({ status: "success", message: "done", data }), "data"],
    ["the JSON of AWS Lambda", (inner) => ({ statusCode: 200, body: JSON.stringify(inner) }), "body"],
  ])("an answer that a gateway has wrapped once more is read, and told: %s", (_form, wrap, name) => {
    const plain = read(provider, body);
    expect(plain).toMatchObject({ ok: true, completion: { choices: [{ text: "Hi" }] } });
    expect(plain).not.toHaveProperty("notice");
    expect(read(provider, wrap(body))).toEqual({ ...plain, notice: expect.stringContaining(`"${name}"`) });
  });

  it.each<[string, (inner: object) => unknown, number?]>([
    ["an error beside it", (data) => ({ error: { message: "no" }, data })],
    ["a failure beside it", (data) => ({ success: false, data })],
    ["a code of an error beside it", (data) => ({ code: 1008, message: "no credit", data })],
    ["two of them", (data) => ({ data, result: data })],
    ["two wrappers", (data) => ({ data: { data } })],
    ["a list of them", (data) => ({ data: [data] })],
    ["another field", (request) => ({ request })],
    ["an error status", (data) => ({ data }), 500],
  ])(
    "an answer that a gateway has wrapped is not taken out where there is more to it: %s",
    (_form, wrap, status) => {
      expect(read(provider, wrap(body), status).ok).toBe(false);
    },
  );
});

describe("a wrapped answer", () => {
  it("a wrapped answer keeps every number of its arguments as it was written", () => {
    const written =
      '{"data":{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"f","arguments":{"n":1.10}}}]},"finish_reason":"tool_calls"}]}}';
    const answer = openaiApi.readResponse({ status: 200, headers: {}, body: written }, new Set());
    expect(answer).toMatchObject({ completion: { choices: [{ text: '{"n":1.10}' }] } });
  });

  it("a wrapped answer has to have choices", () => {
    expect(read(openaiApi, { data: { choices: [] } }).ok).toBe(false);
  });
});
