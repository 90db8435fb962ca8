import { Cohere, CohereClientV2, CohereError } from "cohere-ai";
import { describe, expect, it } from "vitest";
import { GOOD_NEWS, PIXEL, PIXEL_ANSWER, sentimentSchema, start, thrown } from "../../../fixtures/samples.ts";
import type { Fault, Simulator } from "../../index.ts";

const ANSWER = { title: "The sea", sentiment: "positive" };

function clientOf({ urls, apiKey }: Simulator): CohereClientV2 {
  return new CohereClientV2({ baseUrl: urls.cohere, token: apiKey, maxRetries: 0 });
}

function ask(
  content: Cohere.UserMessageV2Content,
  more: Partial<Cohere.V2ChatRequest> = {},
): Cohere.V2ChatRequest {
  return { model: "command-test", messages: [{ role: "user", content }], ...more };
}

describe("the Cohere SDK", () => {
  it("the simulator gives the Cohere SDK an answer", async () => {
    const answer = await clientOf(await start()).chat(ask("The sea is blue."));
    expect(answer).toMatchObject({
      finishReason: "COMPLETE",
      message: { role: "assistant", content: [{ type: "text", text: "The sea is blue." }] },
      usage: {
        billedUnits: { inputTokens: 4, outputTokens: 4 },
        tokens: { inputTokens: 11, outputTokens: 4 },
      },
    });
  });

  it("the simulator gives the Cohere SDK structured output that it can parse", async () => {
    const jsonSchema = sentimentSchema();
    const { message } = await clientOf(await start()).chat(
      ask(GOOD_NEWS, { responseFormat: { type: "json_object", jsonSchema } }),
    );
    expect(message.content).toEqual([{ type: "text", text: JSON.stringify(ANSWER) }]);
  });

  it("the simulator gives the Cohere SDK the arguments of a forced tool", async () => {
    const tool = { type: "function", function: { name: "rate", parameters: sentimentSchema() } } as const;
    const { message, finishReason } = await clientOf(await start()).chat(
      ask(GOOD_NEWS, { tools: [tool], toolChoice: "REQUIRED" }),
    );
    expect(finishReason).toBe("TOOL_CALL");
    expect(message.toolCalls).toMatchObject([
      { function: { name: "rate", arguments: JSON.stringify(ANSWER) } },
    ]);
  });

  it("the simulator tells the Cohere SDK about an image", async () => {
    const url = `data:image/png;base64,${PIXEL}`;
    const { message, usage } = await clientOf(await start()).chat(
      ask([
        { type: "text", text: "What is it?" },
        { type: "image_url", imageUrl: { url } },
      ]),
    );
    expect(message.content).toEqual([{ type: "text", text: PIXEL_ANSWER }]);
    expect(usage?.billedUnits?.inputTokens).toBe(3 + 256);
  });

  it("the simulator makes the Cohere SDK throw its own errors", async () => {
    const simulator = await start({ models: ["command-test"] });
    const client = clientOf(simulator);
    const wrongKey = clientOf({ ...simulator, apiKey: "wrong" });
    expect(await thrown(wrongKey.chat(ask("Hi")))).toBeInstanceOf(Cohere.UnauthorizedError);
    expect(await thrown(client.chat({ ...ask("Hi"), model: "gone" }))).toBeInstanceOf(Cohere.NotFoundError);
    const hot = await thrown(client.chat(ask("Hi", { temperature: 3 })));
    if (!(hot instanceof Cohere.BadRequestError)) throw hot;
    expect(hot.body).toMatchObject({ message: "invalid request: temperature must be at most 1." });
  });

  it("the simulator tells the Cohere SDK a limit only in words", async () => {
    const client = clientOf(await start({ limits: { requestsPerMinute: 1 } }));
    const { rawResponse } = await client.chat(ask("Hi")).withRawResponse();
    const error = await thrown(client.chat(ask("Hi")));
    if (!(error instanceof Cohere.TooManyRequestsError)) throw error;
    expect(error.body).toMatchObject({
      message: expect.stringMatching(
        /^You are using a Trial key, which is limited to 1 API calls \/ minute\./,
      ),
    });
    const names = [...rawResponse.headers.keys(), ...(error.rawResponse?.headers.keys() ?? [])];
    expect(names.filter((name) => /limit|retry/.test(name))).toEqual([]);
  });

  it.each<[Fault, object]>([
    [{ kind: "failed" }, { finishReason: "ERROR" }],
    [{ kind: "emptyContent" }, { finishReason: "COMPLETE", message: { role: "assistant" } }],
    [{ kind: "lengthCutOff" }, { finishReason: "MAX_TOKENS", message: { content: [{ text: "Blu" }] } }],
    [
      { kind: "thinking", tokens: 7 },
      {
        message: { content: [{ type: "thinking", thinking: expect.any(String) }, { type: "text" }] },
        usage: { tokens: { outputTokens: 9 } },
      },
    ],
    [{ kind: "cacheHit", tokens: 5 }, { usage: { tokens: { inputTokens: 9 }, cachedTokens: 5 } }],
  ])("the simulator gives the Cohere SDK an answer with the fault %j", async (fault, answer) => {
    expect(await clientOf(await start({ faults: [fault] })).chat(ask("Blue."))).toMatchObject(answer);
  });

  it("the simulator makes the Cohere SDK throw on a blocked prompt, a blocked answer and an outage", async () => {
    const client = clientOf(
      await start({
        faults: [
          { kind: "contentFilter", at: "prompt" },
          { kind: "contentFilter" },
          { kind: "status", status: 503 },
        ],
      }),
    );
    expect(await thrown(client.chat(ask("One")))).toBeInstanceOf(Cohere.InvalidTokenError);
    expect(await thrown(client.chat(ask("Two")))).toBeInstanceOf(Cohere.InvalidTokenError);
    const down = await thrown(client.chat(ask("Three")));
    if (!(down instanceof CohereError)) throw down;
    expect(down.statusCode).toBe(503);
  });
});

describe("cohereDialect", () => {
  it.each<[object, number, string]>([
    [{ unknown: 1 }, 422, "unknown field: parameter 'unknown' is not a valid field. For proper usage"],
    [
      { max_completion_tokens: 1 },
      422,
      "unknown field: parameter 'max_completion_tokens' is not a valid field.",
    ],
    [
      { tools: [{ type: "function", function: { name: "a", parameters: {}, strict: true } }] },
      422,
      "unknown field: parameter 'strict' is not a valid field.",
    ],
    [
      { max_tokens: "5" },
      422,
      "invalid type: parameter max_tokens is of type string but should be of type integer.",
    ],
    [{ messages: undefined }, 400, "invalid request: messages is required."],
    [{ messages: [] }, 400, "invalid request: length of messages must be at least 1."],
    [
      { messages: [{ role: "developer", content: "Hi" }] },
      400,
      "messages.0.role must be one of system, user",
    ],
    [{ p: 1 }, 400, "invalid request: p must be at most 0.99."],
    [{ tool_choice: "auto" }, 400, "invalid request: tool_choice must be one of REQUIRED, NONE."],
    [
      { response_format: { type: "json_schema" } },
      400,
      "response_format.type must be one of text, json_object.",
    ],
  ])("the simulator refuses a Cohere request with %j", async (change, status, message) => {
    const { urls, apiKey } = await start();
    const response = await fetch(`${urls.cohere}/v2/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ ...ask("Hi"), ...change }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { id: expect.any(String), message: expect.stringContaining(message) },
    ]);
  });
});
