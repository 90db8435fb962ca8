import { describe, expect, it, onTestFinished } from "vitest";
import { answer, chat, complete, post, refusal } from "../../../fixtures/client.ts";
import { formatGoDuration } from "./go-duration.ts";
import { startSimulator, type Simulator } from "../../index.ts";

async function start(): Promise<Simulator> {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  return simulator;
}

const STRICT = {
  type: "object",
  properties: { question: { type: "string" } },
  required: ["question"],
  additionalProperties: false,
};

function strict(schema: object, definition: object = {}): object {
  return {
    response_format: {
      type: "json_schema",
      json_schema: { name: "qa", strict: true, schema, ...definition },
    },
  };
}

describe("openaiDialect", () => {
  it.each<[string, unknown, string | null, string | null]>([
    ["no JSON", "{", null, null],
    ["a list", [], null, null],
    ["no model", { messages: [{ role: "user", content: "Hi" }] }, null, null],
    ["no messages", { model: "m" }, "missing_required_parameter", "messages"],
    ["messages of another type", { model: "m", messages: "Hi" }, "invalid_type", "messages"],
    ["empty messages", { model: "m", messages: [] }, "empty_array", "messages"],
    ["a message of another type", { model: "m", messages: ["Hi"] }, "invalid_type", "messages[0]"],
    [
      "no role",
      { model: "m", messages: [{ content: "Hi" }] },
      "missing_required_parameter",
      "messages[0].role",
    ],
    [
      "an unknown role",
      { model: "m", messages: [{ role: "__proto__", content: "Hi" }] },
      "invalid_value",
      "messages[0].role",
    ],
    ["no content", { model: "m", messages: [{ role: "user" }] }, "invalid_type", "messages[0].content"],
    ["an unknown parameter", chat("Hi", { maxTokens: 5 }), "unknown_parameter", "maxTokens"],
    ["n of 0", chat("Hi", { n: 0 }), "integer_below_min_value", "n"],
    ["n of 129", chat("Hi", { n: 129 }), "integer_above_max_value", "n"],
    ["half a token", chat("Hi", { max_tokens: 1.5 }), "invalid_type", "max_tokens"],
    [
      "no tokens",
      chat("Hi", { max_completion_tokens: 0 }),
      "integer_below_min_value",
      "max_completion_tokens",
    ],
    [
      "both limits",
      chat("Hi", { max_tokens: 1, max_completion_tokens: 1 }),
      "invalid_parameter_combination",
      null,
    ],
    ["a hot temperature", chat("Hi", { temperature: 2.1 }), "decimal_above_max_value", "temperature"],
    ["a worded temperature", chat("Hi", { temperature: "hot" }), "invalid_type", "temperature"],
    ["five stops", chat("Hi", { stop: ["a", "b", "c", "d", "e"] }), "array_above_max_length", "stop"],
    ["a numeric stop", chat("Hi", { stop: 5 }), "invalid_type", "stop"],
    [
      "an unknown format",
      chat("Hi", { response_format: { type: "yaml" } }),
      "invalid_value",
      "response_format.type",
    ],
    [
      "JSON mode without the word",
      chat("Hi", { response_format: { type: "json_object" } }),
      null,
      "messages",
    ],
    [
      "no schema name",
      chat("Hi", strict(STRICT, { name: undefined })),
      "missing_required_parameter",
      "response_format.json_schema.name",
    ],
    [
      "a bad schema name",
      chat("Hi", strict(STRICT, { name: "a b" })),
      "invalid_value",
      "response_format.json_schema.name",
    ],
    [
      "no schema",
      chat("Hi", strict(STRICT, { schema: undefined })),
      "missing_required_parameter",
      "response_format.json_schema.schema",
    ],
  ])("the simulator refuses an OpenAI request with %s", async (_, body, code, param) => {
    const refused = await refusal(post(await start(), body));
    expect(refused).toMatchObject({ status: 400, type: "invalid_request_error", code, param });
  });

  it.each<[string, object]>([
    [
      "In context=(), 'additionalProperties' is required to be supplied and to be false",
      { ...STRICT, additionalProperties: undefined },
    ],
    ["Missing 'question'", { ...STRICT, required: [] }],
    ["got 'type: \"array\"'", { type: "array", items: STRICT }],
    ["'anyOf' at the top level", { ...STRICT, anyOf: [STRICT] }],
    [
      "In context=('properties', 'a', 'items'), 'additionalProperties'",
      {
        ...STRICT,
        properties: { a: { type: "array", items: { type: "object", properties: {} } } },
        required: ["a"],
      },
    ],
    [
      "In context=('$defs', 'node'), 'required'",
      { ...STRICT, $defs: { node: { type: "object", properties: { a: {} }, additionalProperties: false } } },
    ],
    [
      "In context=('properties', 'a', 'anyOf', '1'), 'additionalProperties'",
      { ...STRICT, properties: { a: { anyOf: [{ type: "null" }, { type: "object" }] } }, required: ["a"] },
    ],
    [
      "In context=('properties', 'a'), 'allOf' is not permitted",
      { ...STRICT, properties: { a: { allOf: [] } }, required: ["a"] },
    ],
    [
      "In context=('properties', 'a'), 'minLength' is not permitted",
      { ...STRICT, properties: { a: { type: "string", minLength: 1 } }, required: ["a"] },
    ],
    [
      "In context=('properties', 'a'), 'uri' is not a valid format",
      { ...STRICT, properties: { a: { type: "string", format: "uri" } }, required: ["a"] },
    ],
    [
      "In context=('properties', 'a'), $ref cannot have other keywords",
      { ...STRICT, properties: { a: { $ref: "#", description: "A part" } }, required: ["a"] },
    ],
  ])("the simulator of OpenAI refuses a strict schema: %s", async (message, schema) => {
    const refused = await refusal(post(await start(), chat("Hi", strict(schema))));
    expect(refused).toMatchObject({ status: 400, param: "response_format", code: "invalid_json_schema" });
    expect(refused.message).toMatch(/^Invalid schema for response_format 'qa': /);
    expect(refused.message).toContain(message);
  });

  it("the simulator of OpenAI accepts a loose schema if strict is not set", async () => {
    const loose = { type: "object", properties: { title: { type: "string" } }, required: ["title"] };
    const text = await answer(await start(), chat("The sea is blue.", strict(loose, { strict: false })));
    expect(JSON.parse(text)).toEqual({ title: "The sea" });
  });

  it("the simulator of OpenAI accepts all roles, parts of text and parameters that are null", async () => {
    const simulator = await start();
    const { usage } = await complete(simulator, {
      model: "m",
      messages: [
        { role: "developer", content: "Summarize." },
        { role: "assistant", content: null },
        {
          role: "user",
          content: [
            { type: "text", text: "The sea is blue." },
            { type: "image_url", image_url: {} },
          ],
        },
      ],
      temperature: null,
      max_tokens: null,
      stop: null,
      metadata: {},
    });
    expect(usage.prompt_tokens).toBe(3 + 3 * 4 + 3 + 4);
  });

  it("the simulator finds the word JSON in any message of an OpenAI request", async () => {
    const body = {
      model: "m",
      messages: [
        { role: "system", content: 'Answer as json with the key "title".' },
        { role: "user", content: "The sea is blue." },
      ],
      response_format: { type: "json_object" },
    };
    expect(JSON.parse(await answer(await start(), body))).toEqual({ title: "The sea" });
  });
});

describe("formatGoDuration", () => {
  it.each([
    [0, "0ms"],
    [12, "12ms"],
    [0.2, "1ms"],
    [1000, "1s"],
    [1500, "1.5s"],
    [41_700, "41.7s"],
    [60_000, "1m0s"],
    [360_000, "6m0s"],
    [3_723_500, "1h2m3.5s"],
  ])("formatGoDuration formats %d ms as %s", (ms, text) => {
    expect(formatGoDuration(ms)).toBe(text);
  });
});
