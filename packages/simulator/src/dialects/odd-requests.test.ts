import { assert, constantFrom, jsonValue, oneof, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { SENTIMENT_SCHEMA } from "../../fixtures/samples.ts";
import { answerRequest } from "../answers/answer-request.ts";
import {
  anthropicDialect,
  azureDialect,
  bedrockDialect,
  cohereDialect,
  geminiDialect,
  mistralDialect,
  ollamaDialect,
  openaiDialect,
  responsesDialect,
  type Dialect,
} from "../index.ts";

const schema = SENTIMENT_SCHEMA;
const messages = [
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Ho" },
  {
    role: "user",
    content: [
      { type: "text", text: "Hi" },
      { type: "image_url", image_url: { url: "x" } },
    ],
  },
];
const tools = [{ type: "function", function: { name: "rate", parameters: schema } }];

const CHAT = {
  model: "m",
  messages,
  stop: ["x"],
  tools,
  tool_choice: { type: "function", function: { name: "rate" } },
  response_format: { type: "json_schema", json_schema: { name: "a", schema } },
};

/** A complete body for each dialect, whose values the test replaces. */
const CASES: readonly (readonly [Dialect, object])[] = [
  [openaiDialect, CHAT],
  [azureDialect, CHAT],
  [mistralDialect, CHAT],
  [
    responsesDialect,
    {
      model: "m",
      input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }, { type: "reasoning" }],
      tools: [{ type: "function", name: "rate", parameters: schema }],
      tool_choice: { type: "function", name: "rate" },
      text: { format: { type: "json_schema", name: "a", schema } },
      reasoning: { effort: "low", summary: "auto" },
    },
  ],
  [
    anthropicDialect,
    {
      model: "m",
      max_tokens: 5000,
      system: [{ type: "text", text: "Hi" }],
      messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: "x" } }] }],
      tools: [{ name: "rate", input_schema: schema }],
      tool_choice: { type: "tool", name: "rate" },
      output_config: { format: { type: "json_schema", schema } },
      thinking: { type: "adaptive" },
    },
  ],
  [
    geminiDialect,
    {
      contents: [
        { role: "user", parts: [{ text: "Hi" }, { fileData: { fileUri: "x", mimeType: "image/png" } }] },
      ],
      systemInstruction: { parts: [{ text: "Hi" }] },
      generationConfig: {
        responseMimeType: "application/json",
        responseSchema: schema,
        stopSequences: ["x"],
      },
      tools: [{ functionDeclarations: [{ name: "rate", parameters: schema }] }],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["rate"] } },
    },
  ],
  [
    bedrockDialect,
    {
      messages: [
        { role: "user", content: [{ text: "Hi" }, { image: { format: "png", source: { bytes: "x" } } }] },
      ],
      system: [{ text: "Hi" }],
      inferenceConfig: { maxTokens: 5, stopSequences: ["x"] },
      toolConfig: {
        tools: [{ toolSpec: { name: "rate", inputSchema: { json: schema } } }],
        toolChoice: { tool: { name: "rate" } },
      },
      additionalModelRequestFields: { thinking: { type: "enabled" } },
    },
  ],
  [
    cohereDialect,
    {
      model: "m",
      messages,
      tools,
      tool_choice: "REQUIRED",
      response_format: { type: "json_object", json_schema: schema },
    },
  ],
  [
    ollamaDialect,
    {
      model: "m",
      stream: false,
      messages: [{ role: "user", content: "Hi", images: ["iVBORw0KGgo"] }],
      format: schema,
      options: { num_predict: 5, stop: ["x"] },
      think: true,
    },
  ],
];

const TARGET = {
  method: "POST",
  path: "/",
  query: new URLSearchParams(),
  headers: { "anthropic-version": "2023-06-01" },
};

/** Any JSON value, also objects that cannot be converted to a text. */
const oddValue = oneof(
  jsonValue({ maxDepth: 2 }),
  constantFrom<unknown>(
    { toString: null, valueOf: null },
    [{ toString: 1 }],
    { $ref: "#/%zz" },
    null,
    "",
    -1,
    {},
    [],
  ),
);

/** The paths to all values inside of a value. */
function placesIn(value: unknown, place: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...place, key]))];
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], odd: unknown): unknown {
  if (key === undefined) return odd;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaceAt(item, rest, odd) : item));
  return { ...(value as object), [key]: replaceAt((value as Record<string, unknown>)[key], rest, odd) };
}

describe.each(CASES.map(([dialect, body]) => [dialect.name, dialect, body] as const))(
  "requests to the dialect %s",
  (_, dialect, body) => {
    /** Reads and answers a request; throws if a server would have crashed. */
    function serve(sent: unknown): number {
      const route = { kind: "completion", model: "m" } as const;
      const reading = dialect.readRequest(sent, route, TARGET);
      if ("error" in reading) return dialect.writeError(reading.error, "id").status;
      const { request } = reading;
      const own = { id: "id", inputTokens: 1, first: 0, ownAnswer: () => undefined };
      const { body: answered, status } = dialect.writeAnswer(answerRequest(request, own), request);
      JSON.stringify(answered);
      return status;
    }

    it(`the dialect ${dialect.name} answers a request whose body is complete`, () => {
      expect(serve(body)).toBe(200);
    });

    it(`the dialect ${dialect.name} answers or refuses a request whose body has any value anywhere`, () => {
      const places = placesIn(body);
      assert(
        property(constantFrom(...places), oddValue, (place, odd) => {
          expect([200, 400, 422]).toContain(serve(replaceAt(body, place, odd)));
        }),
        { numRuns: 1500 },
      );
    });
  },
);
