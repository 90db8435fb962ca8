import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseCommand,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
  type ContentBlock,
  type ConverseCommandInput,
} from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  GOOD_NEWS,
  PIXEL,
  PIXEL_ANSWER,
  SENTIMENT_SCHEMA,
  sentimentSchema,
  start,
  thrown,
} from "../../../fixtures/samples.ts";
import type { Fault, Simulator } from "../../index.ts";

const modelId = "arn:aws:bedrock:eu-west-1:1:inference-profile/test.model-v1:0";

/** By default the SDK speaks HTTP/2 with Bedrock, but the simulator speaks HTTP/1.1. */
function settingsOf({ urls }: Simulator) {
  const requestHandler = new NodeHttpHandler();
  return { endpoint: urls.bedrock, region: "eu-west-1", maxAttempts: 1, requestHandler };
}

function signedOf(simulator: Simulator): BedrockRuntimeClient {
  const credentials = { accessKeyId: simulator.apiKey, secretAccessKey: "any" };
  return ended(new BedrockRuntimeClient({ ...settingsOf(simulator), credentials }));
}

function bearerOf(simulator: Simulator): BedrockRuntimeClient {
  return ended(
    new BedrockRuntimeClient({
      ...settingsOf(simulator),
      token: { token: simulator.apiKey },
      authSchemePreference: ["httpBearerAuth"],
    }),
  );
}

function ended(client: BedrockRuntimeClient): BedrockRuntimeClient {
  onTestFinished(() => client.destroy());
  return client;
}

function ask(content: string | ContentBlock[], more: Partial<ConverseCommandInput> = {}): ConverseCommand {
  const blocks = typeof content === "string" ? [{ text: content }] : content;
  return new ConverseCommand({ modelId, messages: [{ role: "user", content: blocks }], ...more });
}

describe.each<[string, (simulator: Simulator) => BedrockRuntimeClient]>([
  ["a signature", signedOf],
  ["a bearer token", bearerOf],
])("the AWS SDK with %s", (_, connect) => {
  it("the simulator gives the AWS SDK an answer", async () => {
    const simulator = await start();
    const answer = await connect(simulator).send(
      ask("The sea is blue.", { system: [{ text: "Summarize." }] }),
    );
    expect(answer).toMatchObject({
      output: { message: { role: "assistant", content: [{ text: "The sea is blue." }] } },
      stopReason: "end_turn",
      usage: { inputTokens: 18, outputTokens: 4, totalTokens: 22, cacheReadInputTokens: 0 },
      metrics: { latencyMs: 40 },
    });
    expect(simulator.ledger.entries).toMatchObject([
      { model: modelId, dialect: "bedrock", keyIsRight: true },
    ]);
  });

  it("the simulator makes the AWS SDK throw its own errors", async () => {
    const simulator = await start({ models: [modelId] });
    const client = connect(simulator);
    const auth = await thrown(connect({ ...simulator, apiKey: "wrong" }).send(ask("Hi")));
    if (!(auth instanceof BedrockRuntimeServiceException)) throw auth;
    expect([auth.name, auth.$metadata.httpStatusCode]).toEqual(["UnrecognizedClientException", 403]);
    expect(await thrown(client.send(ask("Hi", { modelId: "gone" })))).toBeInstanceOf(
      ResourceNotFoundException,
    );
    const hot = await thrown(client.send(ask("Hi", { inferenceConfig: { temperature: 2 } })));
    if (!(hot instanceof ValidationException)) throw hot;
    expect(hot.message).toContain("Value '2' at 'inferenceConfig.temperature' failed to satisfy constraint");
  });
});

describe("the AWS SDK", () => {
  it("the simulator gives the AWS SDK structured output that it can parse", async () => {
    const schema = JSON.stringify(SENTIMENT_SCHEMA);
    const { output } = await signedOf(await start()).send(
      ask(GOOD_NEWS, {
        outputConfig: {
          textFormat: { type: "json_schema", structure: { jsonSchema: { schema, name: "a" } } },
        },
      }),
    );
    const [block] = output?.message?.content ?? [];
    expect(JSON.parse(block?.text ?? "")).toEqual({ title: "The sea", sentiment: "positive" });
  });

  it("the simulator gives the AWS SDK the arguments of a forced tool", async () => {
    const inputSchema = { json: sentimentSchema() };
    const answer = await signedOf(await start()).send(
      ask(GOOD_NEWS, {
        toolConfig: { tools: [{ toolSpec: { name: "rate", inputSchema } }], toolChoice: { any: {} } },
      }),
    );
    expect(answer).toMatchObject({
      output: {
        message: {
          content: [{ toolUse: { name: "rate", input: { title: "The sea", sentiment: "positive" } } }],
        },
      },
      stopReason: "tool_use",
    });
  });

  it.each<[string, ContentBlock, string]>([
    [
      "in the request",
      { image: { format: "png", source: { bytes: Buffer.from(PIXEL, "base64") } } },
      PIXEL_ANSWER,
    ],
    [
      "in S3",
      { image: { format: "png", source: { s3Location: { uri: "s3://bucket/a.png" } } } },
      "The image of type image/png comes from bucket.",
    ],
  ])("the simulator tells the AWS SDK about an image %s", async (_, image, text) => {
    const { output, usage } = await signedOf(await start()).send(ask([image, { text: "What is it?" }]));
    expect(output?.message?.content).toEqual([{ text }]);
    expect(usage?.inputTokens).toBe(3 + 4 + 256 + 3);
  });

  it("the simulator charges Bedrock requests their input and the most that the answer may have", async () => {
    const simulator = await start({ limits: { tokensPerMinute: 64_100, window: "minute" } });
    const client = signedOf(simulator);
    const { stopReason } = await client.send(ask("Hi"));
    expect(stopReason).toBe("end_turn");
    expect(simulator.ledger.entries).toMatchObject([{ tokensCharged: 64_008 }]);
    const refused = await thrown(client.send(ask("Hi", { inferenceConfig: { maxTokens: 100 } })));
    if (!(refused instanceof ThrottlingException)) throw refused;
    expect(refused.message).toBe("Too many tokens, please wait before trying again.");
    expect(refused.$response?.headers).not.toHaveProperty("retry-after");
  });

  it.each<[Fault, object]>([
    [{ kind: "contentFilter" }, { stopReason: "content_filtered", output: { message: { content: [] } } }],
    [{ kind: "contentFilter", at: "prompt" }, { stopReason: "guardrail_intervened" }],
    [{ kind: "emptyContent" }, { stopReason: "end_turn", output: { message: { content: [] } } }],
    [{ kind: "failed" }, { stopReason: "malformed_model_output" }],
    [{ kind: "lengthCutOff" }, { stopReason: "max_tokens" }],
    [
      { kind: "cacheHit", tokens: 5 },
      { usage: { inputTokens: 4, cacheReadInputTokens: 5, totalTokens: 11 } },
    ],
    [
      { kind: "thinking", tokens: 7 },
      {
        output: { message: { content: [{ reasoningContent: {} }, { text: "Blue." }] } },
        usage: { outputTokens: 9 },
      },
    ],
  ])("the simulator gives the AWS SDK an answer with the fault %j", async (fault, answer) => {
    expect(await signedOf(await start({ faults: [fault] })).send(ask("Blue."))).toMatchObject(answer);
  });

  it("the simulator has a Bedrock error for each status", async () => {
    const statuses = [400, 403, 404, 408, 424, 429, 500, 503];
    const client = signedOf(await start({ faults: statuses.map((status) => ({ kind: "status", status })) }));
    const names: unknown[] = [];
    for (const _ of statuses) {
      const error = await thrown(client.send(ask("Hi")));
      names.push(error instanceof Error ? error.name : error);
    }
    expect(names).toEqual([
      "ValidationException",
      "AccessDeniedException",
      "ResourceNotFoundException",
      "ModelTimeoutException",
      "ModelErrorException",
      "ThrottlingException",
      "InternalServerException",
      "ServiceUnavailableException",
    ]);
  });
});

describe("bedrockDialect", () => {
  async function post({ urls, apiKey }: Simulator, body: object, headers?: Record<string, string>) {
    const response = await fetch(`${urls.bedrock}/model/m/converse`, {
      method: "POST",
      headers: headers ?? { authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ messages: [{ role: "user", content: [{ text: "Hi" }] }], ...body }),
    });
    const { message } = (await response.json()) as { message?: string };
    return { status: response.status, type: response.headers.get("x-amzn-errortype"), message };
  }

  it.each<[object, string, string]>([
    [{ unknown: 1 }, "ValidationException", "#: extraneous key [unknown] is not permitted"],
    [
      { inferenceConfig: { max_tokens: 5 } },
      "ValidationException",
      "#/inferenceConfig: extraneous key [max_tokens] is not permitted",
    ],
    [
      { messages: undefined },
      "ValidationException",
      "1 validation error detected: Value null at 'messages' failed to satisfy constraint: Member must not be null",
    ],
    [
      { messages: [{ role: "system", content: [{ text: "Hi" }] }] },
      "ValidationException",
      "Value 'system' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]",
    ],
    [
      { messages: [{ role: "user", content: "Hi" }] },
      "SerializationException",
      "string value cannot be converted to List",
    ],
    [
      { messages: [{ role: "user", content: [{ text: " " }] }] },
      "ValidationException",
      "The text field in the ContentBlock object at messages.0.content.0 is blank.",
    ],
    [
      { messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] },
      "ValidationException",
      "#/messages/0/content/0: extraneous key [type] is not permitted",
    ],
    [
      { messages: [{ role: "assistant", content: [{ text: "Hi" }] }] },
      "ValidationException",
      "A conversation must start with a user message.",
    ],
    [
      { outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema: { schema: "{" } } } } },
      "ValidationException",
      "jsonSchema.schema is not a JSON object in a string.",
    ],
  ])("the simulator refuses a Bedrock request with %j", async (body, type, message) => {
    const refused = await post(await start(), body);
    expect(refused).toMatchObject({ status: 400, type });
    expect(refused.message).toContain(message);
  });

  const signature = "a".repeat(64);
  const credential = "sim-key/20260101/eu-west-1/bedrock/aws4_request";
  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["half a signature", { authorization: `AWS4-HMAC-SHA256 Credential=${credential}`, "x-amz-date": "1" }],
    [
      "a signature for another service",
      {
        authorization: `AWS4-HMAC-SHA256 Credential=${credential.replace("bedrock", "s3")}, SignedHeaders=host, Signature=${signature}`,
        "x-amz-date": "1",
      },
    ],
    [
      "a signature without a date",
      {
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${signature}`,
      },
    ],
  ])("the simulator does not accept %s as a key of Bedrock", async (_, headers) => {
    expect(await post(await start(), {}, headers)).toMatchObject({
      status: 403,
      type: "MissingAuthenticationTokenException",
    });
  });
});
