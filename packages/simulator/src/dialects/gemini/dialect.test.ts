import { ApiError, FinishReason, FunctionCallingConfigMode, GoogleGenAI, Type } from "@google/genai";
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
const model = "gemini-test";

function studioOf({ urls, apiKey }: Simulator): GoogleGenAI {
  return new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl: urls.gemini } });
}

/** With a key, as in the express mode of Vertex AI: without one the SDK would ask Google for a token. */
function vertexOf({ urls, apiKey }: Simulator): GoogleGenAI {
  return new GoogleGenAI({ vertexai: true, apiKey, httpOptions: { baseUrl: urls.vertex } });
}

describe.each<[string, (simulator: Simulator) => GoogleGenAI]>([
  ["AI Studio", studioOf],
  ["Vertex AI", vertexOf],
])("the Google SDK with %s", (name, connect) => {
  it("the simulator gives the Google SDK an answer", async () => {
    const response = await connect(await start()).models.generateContent({
      model,
      contents: "The sea is blue.",
      config: { systemInstruction: "Summarize." },
    });
    expect(response.text).toBe("The sea is blue.");
    expect(response.candidates).toMatchObject([{ finishReason: "STOP", content: { role: "model" } }]);
    expect(response.modelVersion).toBe(model);
    expect(response.usageMetadata).toEqual({
      promptTokenCount: 18,
      candidatesTokenCount: 4,
      totalTokenCount: 22,
    });
  });

  it("the simulator gives the Google SDK structured output by either kind of schema", async () => {
    const client = connect(await start());
    const ask = (config: object) =>
      client.models.generateContent({
        model,
        contents: GOOD_NEWS,
        config: { responseMimeType: "application/json", ...config },
      });
    const responseSchema = {
      type: Type.OBJECT,
      properties: {
        title: { type: Type.STRING, nullable: true },
        sentiment: { type: Type.STRING, enum: ["positive", "negative"] },
      },
    };
    expect(JSON.parse((await ask({ responseSchema })).text ?? "")).toEqual(ANSWER);
    const { text } = await ask({ responseJsonSchema: SENTIMENT_SCHEMA });
    expect(JSON.parse(text ?? "")).toEqual(ANSWER);
  });

  it("the simulator gives the Google SDK the arguments of a forced function", async () => {
    const { functionCalls } = await connect(await start()).models.generateContent({
      model,
      contents: GOOD_NEWS,
      config: {
        tools: [{ functionDeclarations: [{ name: "rate", parametersJsonSchema: SENTIMENT_SCHEMA }] }],
        toolConfig: {
          functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["rate"] },
        },
      },
    });
    expect(functionCalls).toEqual([{ name: "rate", args: ANSWER }]);
  });

  it.each<[string, object, string]>([
    ["in the request", { inlineData: { mimeType: "image/png", data: PIXEL } }, PIXEL_ANSWER],
    [
      "elsewhere",
      { fileData: { fileUri: "https://example.com/a", mimeType: "image/png" } },
      "The image of type image/png comes from example.com.",
    ],
  ])("the simulator tells the Google SDK about an image %s", async (_, part, text) => {
    const response = await connect(await start()).models.generateContent({
      model,
      contents: [{ role: "user", parts: [{ text: "What is it?" }, part] }],
    });
    expect(response.text).toBe(text);
    expect(response.usageMetadata?.promptTokenCount).toBe(3 + 4 + 3 + 256);
  });

  it("the simulator separates thoughts from the answer in Gemini's parts and usage", async () => {
    const { text, candidates, usageMetadata } = await connect(await start()).models.generateContent({
      model,
      contents: "Blue.",
      config: { thinkingConfig: { includeThoughts: true } },
    });
    expect(text).toBe("Blue.");
    expect(candidates?.[0]?.content?.parts).toMatchObject([{ thought: true }, { text: "Blue." }]);
    const { promptTokenCount = 0, candidatesTokenCount, thoughtsTokenCount = 0 } = usageMetadata ?? {};
    expect(candidatesTokenCount).toBe(2);
    expect(usageMetadata?.totalTokenCount).toBe(promptTokenCount + 2 + thoughtsTokenCount);
  });

  it("the simulator makes the Google SDK throw its own errors", async () => {
    const simulator = await start({ models: [model] });
    const ask = async (client: GoogleGenAI, change: object = {}): Promise<ApiError> => {
      const error = await thrown(client.models.generateContent({ model, contents: "Hi", ...change }));
      if (!(error instanceof ApiError)) throw error;
      return error;
    };
    const isStudio = name === "AI Studio";
    const auth = await ask(connect({ ...simulator, apiKey: "wrong" }));
    expect(auth.status).toBe(isStudio ? 400 : 401);
    expect(auth.message).toContain(isStudio ? "API_KEY_INVALID" : "UNAUTHENTICATED");
    const client = connect(simulator);
    expect((await ask(client, { model: "gone" })).status).toBe(404);
    const hot = await ask(client, { config: { temperature: 3 } });
    expect(hot.status).toBe(400);
    expect(hot.message).toContain("generation_config.temperature: must be at most 2, got 3");
    const two = await ask(client, { config: { candidateCount: 2 } });
    expect(two.message).toContain("Multiple candidates is not enabled");
  });

  it.each<[Fault, object]>([
    [{ kind: "contentFilter", at: "prompt" }, { promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }],
    [{ kind: "contentFilter" }, { candidates: [{ finishReason: FinishReason.SAFETY }] }],
    [{ kind: "emptyContent" }, { candidates: [{ finishReason: "STOP", content: { role: "model" } }] }],
    [{ kind: "failed" }, { candidates: [{ finishReason: "OTHER" }] }],
    [{ kind: "lengthCutOff" }, { candidates: [{ finishReason: "MAX_TOKENS" }], text: "Blu" }],
    [{ kind: "refusal" }, { candidates: [{ finishReason: "STOP" }], text: expect.stringContaining("sorry") }],
    [
      { kind: "thinking", tokens: 7 },
      { text: "Blue.", usageMetadata: { thoughtsTokenCount: 7 } },
    ],
    [{ kind: "cacheHit", tokens: 5 }, { usageMetadata: { promptTokenCount: 9, cachedContentTokenCount: 5 } }],
  ])("the simulator gives the Google SDK an answer with the fault %j", async (fault, response) => {
    const client = connect(await start({ faults: [fault] }));
    expect(await client.models.generateContent({ model, contents: "Blue." })).toMatchObject(response);
  });

  it("the simulator has no candidates in Gemini's response to a blocked prompt", async () => {
    const client = connect(
      await start({ faults: [{ kind: "contentFilter", at: "prompt" }, { kind: "emptyChoices" }] }),
    );
    for (const contents of ["One", "Two"]) {
      const { candidates, text } = await client.models.generateContent({ model, contents });
      expect([candidates, text]).toEqual([undefined, undefined]);
    }
  });
});

describe("the Google SDK with a throttled request", () => {
  async function refuse(connect: (simulator: Simulator) => GoogleGenAI): Promise<unknown> {
    const client = connect(await start({ limits: { requestsPerMinute: 1, window: "minute" } }));
    await client.models.generateContent({ model, contents: "Hi" });
    const error = await thrown(client.models.generateContent({ model, contents: "Hi" }));
    if (!(error instanceof ApiError)) throw error;
    expect(error.status).toBe(429);
    return JSON.parse(error.message);
  }

  it("the simulator tells the Google SDK how long to wait in the body of AI Studio", async () => {
    expect(await refuse(studioOf)).toMatchObject({
      error: {
        status: "RESOURCE_EXHAUSTED",
        message: expect.stringMatching(/limit: 1, model: gemini-test\nPlease retry in [\d.]+s\.$/),
        details: [
          {
            violations: [
              {
                quotaId: "GenerateRequestsPerMinutePerProjectPerModel",
                quotaValue: "1",
                quotaDimensions: { model },
              },
            ],
          },
          { retryDelay: expect.stringMatching(/^\d\d(?:\.\d+)?s$/) },
        ],
      },
    });
  });

  it("the simulator tells the Google SDK no limits of Vertex AI", async () => {
    expect(await refuse(vertexOf)).toEqual({
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "Resource exhausted, please try again later.",
      },
    });
  });
});

describe("geminiDialect", () => {
  function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    const sent = { contents: [{ parts: [{ text: "Hi" }] }], ...body };
    return fetch(url, { method: "POST", headers, body: JSON.stringify(sent) });
  }

  it.each<[object, string]>([
    [{ unknown: 1 }, 'Invalid JSON payload received. Unknown name "unknown": Cannot find field.'],
    [
      { generationConfig: { maxTokens: 5 } },
      `Invalid JSON payload received. Unknown name "maxTokens" at 'generation_config': Cannot find field.`,
    ],
    [
      { generationConfig: { temperature: "hot" } },
      `Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "hot"`,
    ],
    [{ contents: undefined }, "* GenerateContentRequest.contents: contents is not specified\n"],
    [{ contents: [{ role: "system", parts: [{ text: "Hi" }] }] }, "Please use a valid role: user, model."],
    [
      { contents: [{ parts: [{ text: "Hi" }] }, { role: "model", parts: [{ text: "Ho" }] }] },
      "Please ensure that multiturn requests end with a user role or a function response.",
    ],
    [
      { contents: [{ parts: [{ type: "text" }] }] },
      `Invalid JSON payload received. Unknown name "type" at 'contents[0].parts[0]': Cannot find field.`,
    ],
    [
      { generationConfig: { responseJsonSchema: {} } },
      '* GenerateContentRequest.generation_config.response_schema: only allowed with response_mime_type "application/json"\n',
    ],
    [
      {
        generationConfig: {
          responseMimeType: "application/json",
          responseJsonSchema: {},
          responseSchema: {},
        },
      },
      "* GenerateContentRequest.generation_config.response_json_schema: must not be set together with response_schema\n",
    ],
    [
      { toolConfig: { functionCallingConfig: { mode: "any" } } },
      `Invalid value at 'tool_config.function_calling_config.mode' (TYPE_ENUM), "any"`,
    ],
  ])("the simulator refuses a Gemini request with %j", async (body, message) => {
    const { urls, apiKey } = await start();
    const response = await post(`${urls.gemini}/v1beta/models/m:generateContent?key=${apiKey}`, body);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 400, status: "INVALID_ARGUMENT", message } },
    ]);
  });

  it("the simulator has the name of the status in the body of a Gemini error", async () => {
    const statuses = [402, 403, 404, 429, 500, 503, 504];
    const { urls } = await start({ faults: statuses.map((status) => ({ kind: "status", status })) });
    const names: unknown[] = [];
    for (const _ of statuses) {
      const response = await post(`${urls.gemini}/v1beta/models/m:generateContent`, {});
      const { error } = (await response.json()) as { error: { code: number; status: string } };
      names.push([error.code === response.status, error.status]);
    }
    expect(names).toEqual(
      [
        "RESOURCE_EXHAUSTED",
        "PERMISSION_DENIED",
        "NOT_FOUND",
        "RESOURCE_EXHAUSTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
      ].map((name) => [true, name]),
    );
  });

  it("the simulator charges Gemini requests only their input", async () => {
    const simulator = await start({ limits: { tokensPerMinute: 1000 } });
    const { urls, apiKey } = simulator;
    const generationConfig = { maxOutputTokens: 500 };
    await post(
      `${urls.gemini}/v1beta/models/m:generateContent`,
      { generationConfig },
      { "x-goog-api-key": apiKey },
    );
    expect(simulator.stats().limits.tokens).toMatchObject({ charged: 8 });
  });

  it("the simulator accepts a token and the path of a project on Vertex AI", async () => {
    const { urls, apiKey } = await start();
    const path = "/v1/projects/p/locations/global/publishers/google/models/m:generateContent";
    const answered = await post(`${urls.vertex}${path}`, {}, { authorization: `Bearer ${apiKey}` });
    expect([answered.status, await answered.json()]).toMatchObject([200, { modelVersion: "m" }]);
    const missing = await post(`${urls.vertex}${path}`, {});
    expect([missing.status, await missing.json()]).toMatchObject([
      401,
      { error: { status: "UNAUTHENTICATED" } },
    ]);
    const noKey = await post(`${urls.gemini}/v1beta/models/m:generateContent`, {});
    expect([noKey.status, await noKey.json()]).toMatchObject([
      403,
      { error: { status: "PERMISSION_DENIED" } },
    ]);
  });
});
