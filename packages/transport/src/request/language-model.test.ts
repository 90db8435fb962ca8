import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  isFailed,
  type Completed,
  type Failed,
  type Output,
  type OutputShape,
  type Prompted,
} from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { fromLanguageModel, type AiSdkLanguageModel, type Provider } from "@parallel-parrot/providers";
import { onRequest, startSimulator, type Fault, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { completionStream, createLimiter, createScaledClock, type CompletionOptions } from "../index.ts";
import { PATIENT } from "../../fixtures/run-pool.ts";

const IMAGE = { mediaType: "image/png", data: "iVBORw0KGgo=" };
const prompts = (count: number, images?: readonly [typeof IMAGE]): Prompted[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    row: { id: index },
    prompt: {
      messages: [
        { role: "system", content: "Be terse." },
        {
          role: "user",
          content: `Summarise document ${index}.`,
          ...(images === undefined ? {} : { images }),
        },
      ],
    },
  }));

/** Any answer, asked for in this shape. */
const anyText = (shape: OutputShape): Output => ({
  shape,
  columns: ["text"],
  read: ({ text }) => ({ ok: true, outputs: [{ text }], warnings: [] }),
});

function provider({ baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">): Provider {
  const sdk = createOpenAICompatible({
    name: "house",
    baseURL: baseUrl,
    apiKey,
    supportsStructuredOutputs: true,
  });
  return fromLanguageModel(sdk("sim"));
}

async function run(
  whom: Provider,
  inputs: readonly Prompted[],
  options: CompletionOptions = {},
): Promise<{ items: (Completed | Failed)[]; error: unknown }> {
  const limiter = createLimiter({ clock: createScaledClock(400) });
  const items: (Completed | Failed)[] = [];
  try {
    const stage = completionStream(whom, { limiter, ...PATIENT, ...options });
    for await (const item of sourceOf(inputs).pipeThrough(stage)) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

describe("a model of the AI SDK as a provider", () => {
  it("a run sends messages, parameters, images and the wanted schema to a model of the AI SDK, and reads text, usage and model", async () => {
    await using simulator = await startSimulator();
    const schema = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false,
    };
    const { items, error } = await run(provider(simulator), prompts(3, [IMAGE]), {
      temperature: 0.25,
      maxTokens: 77,
      output: anyText({ type: "json", name: "paint", schema, instructions: "An object with a." }),
    });
    expect(error).toBeUndefined();
    expect(items).toHaveLength(3);
    const [first] = items;
    if (first === undefined || isFailed(first)) throw new Error("no answer");
    expect(JSON.parse(first.completion.choices[0]?.text ?? "")).toHaveProperty("a");
    expect(first.completion.usage.inputTokens).toBeGreaterThan(0);
    expect(first.completion.model).toBe("sim");
    const [{ body } = { body: undefined }] = simulator.ledger.entries;
    expect(body).toMatchObject({
      model: "sim",
      temperature: 0.25,
      max_tokens: 77,
      response_format: { type: "json_schema", json_schema: { name: "paint", schema } },
      messages: [
        { role: "system", content: "Be terse." },
        {
          role: "user",
          content: [
            { text: "Summarise document 0." },
            { image_url: { url: `data:image/png;base64,${IMAGE.data}` } },
          ],
        },
      ],
    });
  });

  it("a run gives an AI SDK model the schema in a form for strict mode, or in words where there is no such form", async () => {
    await using simulator = await startSimulator();
    const shape = (properties: object) => ({
      type: "json" as const,
      name: "paint",
      schema: { type: "object", properties, required: ["a"] },
      instructions: "Answer with JSON: an object with a.",
    });
    const bounded = { a: { type: "string", minLength: 1 }, b: { type: "integer", minimum: 1 } };
    const free = { a: { type: "object", additionalProperties: { type: "string" } } };
    for (const properties of [bounded, free]) {
      const { error, items } = await run(provider(simulator), prompts(1), {
        output: anyText(shape(properties)),
      });
      expect({ error, isFailed: items.map(isFailed) }).toEqual({ error: undefined, isFailed: [false] });
    }
    expect(simulator.ledger.entries.map(({ status, body }) => [status, body])).toMatchObject([
      [
        200,
        {
          response_format: {
            json_schema: {
              strict: true,
              schema: {
                properties: {
                  a: { type: "string", description: "(minLength: 1)" },
                  b: { anyOf: [{ type: "integer", description: "(minimum: 1)" }, { type: "null" }] },
                },
                required: ["a", "b"],
                additionalProperties: false,
              },
            },
          },
        },
      ],
      [
        200,
        {
          response_format: { type: "json_object" },
          messages: [{ content: expect.stringContaining("Answer with JSON") }, {}],
        },
      ],
    ]);
  });

  it.each<[string, Fault, unknown, requests: number]>([
    ["a bad key", { kind: "status", status: 401 }, "AUTHENTICATION", 2],
    ["no credit", { kind: "noCredit" }, "NO_CREDIT", 1],
    [
      "an unknown model",
      { kind: "status", status: 404, body: { error: { message: "no such model" } } },
      "MODEL_NOT_FOUND",
      2,
    ],
  ])("a run with an AI SDK model stops after one row or two at %s", async (_, fault, code, requests) => {
    await using simulator = await startSimulator({ faults: () => fault });
    const { error } = await run(provider(simulator), prompts(10));
    expect(error).toMatchObject({ name: "ParrotError", code });
    expect(simulator.ledger.received).toBe(requests);
  });

  it.each<[string, Fault]>([
    ["a server error", { kind: "status", status: 500 }],
    ["a throttle", { kind: "status", status: 429, headers: { "retry-after": "2" } }],
    ["a lost connection", { kind: "hangUp" }],
    ["a body that is not JSON", { kind: "invalidJson" }],
  ])("a run asks an AI SDK model once more after %s", async (_, fault) => {
    await using simulator = await startSimulator({ faults: onRequest(2, fault) });
    const { items, error } = await run(provider(simulator), prompts(3));
    expect(error).toBeUndefined();
    expect(items.map((item) => isFailed(item))).toEqual([false, false, false]);
    expect(simulator.ledger.received).toBe(4);
  });

  it("a run fails only the row that an AI SDK model refused, and tells why an answer ended", async () => {
    await using refusing = await startSimulator({ faults: onRequest(2, { kind: "status", status: 413 }) });
    const { items } = await run(provider(refusing), prompts(3), { concurrency: 1 });
    expect(items.map((item) => (isFailed(item) ? item.failure.code : "ok"))).toEqual([
      "ok",
      "REQUEST_TOO_LARGE",
      "ok",
    ]);
    await using cutting = await startSimulator({ faults: () => ({ kind: "lengthCutOff" }) });
    const cut = await run(provider(cutting), prompts(1));
    expect(cut.items).toMatchObject([{ completion: { choices: [{ finishReason: "length" }] } }]);
  });

  it("a run reads AI SDK models of version 2, and gives them images in their form", async () => {
    const asked: unknown[] = [];
    const model: AiSdkLanguageModel = {
      specificationVersion: "v2",
      provider: "old",
      modelId: "m",
      async doGenerate(options) {
        asked.push(options.prompt[1]?.content);
        return {
          content: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "Hi" },
          ],
          finishReason: "content-filter",
          usage: { inputTokens: 5, outputTokens: 2, totalTokens: 7, cachedInputTokens: 3 },
        };
      },
    };
    const { items } = await run(fromLanguageModel(model), prompts(1, [IMAGE]));
    expect(items).toMatchObject([
      {
        completion: {
          choices: [{ text: "Hi", finishReason: "content_filter" }],
          usage: { inputTokens: 5, outputTokens: 2, cachedInputTokens: 3 },
        },
      },
    ]);
    expect(asked).toMatchObject([[{ type: "text" }, { type: "file", data: IMAGE.data }]]);
  });
});
