import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { text } from "node:stream/consumers";
import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient, ConverseCommand, type Message } from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI, ThinkingLevel } from "@google/genai";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsV4Signer } from "aws4fetch";
import { CohereClientV2 } from "cohere-ai";
import { OAuth2Client } from "google-auth-library";
import { Ollama } from "ollama";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serve } from "../fixtures/serve.ts";
import { anthropic, bedrock, cohere, gemini, ollama, vertex, type Call, type Provider } from "./index.ts";

/** A request as the server receives it. */
interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

let seen: Seen | undefined;
const server = createServer((request, response) => void receive(request, response));

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = "", headers } = request;
  seen = { path: url, headers, body: JSON.parse(await text(request)) };
  // No SDK retries this error. Only the request matters.
  response.writeHead(400, { "content-type": "application/json" }).end('{"message":"seen","error":"seen"}');
}

const origin = await serve(server);
beforeEach(() => {
  seen = undefined;
  for (const name of ["ANTHROPIC_AUTH_TOKEN", "GOOGLE_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "OLLAMA_HOST"])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** The request of the SDK, which the server refuses on purpose. */
async function theirs(request: PromiseLike<unknown>): Promise<Seen> {
  await expect(Promise.resolve(request)).rejects.toThrow(/seen/);
  if (seen === undefined) throw new Error("The SDK sent nothing");
  return seen;
}

/** Our request in the form in which the server would receive it. */
async function ours(provider: Provider, call: Call): Promise<Seen> {
  const request = provider.buildRequest(call, new Set());
  const headers = { ...request.headers, ...(await provider.authorize(request)) };
  return { path: new URL(request.url).pathname, headers, body: JSON.parse(request.body) };
}

/** The path, the body and the headers with these names. */
function told({ path, headers, body }: Seen, ...names: readonly string[]): unknown {
  return { path, body, headers: ["content-type", ...names].map((name) => [name, headers[name]]) };
}

const KEY = "sdk-key";
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const IMAGE = { mediaType: "image/png", data: PNG };
const PROMPT = {
  messages: [
    { role: "system", content: "Be terse." },
    { role: "user", content: "Which colour is the sky?" },
    { role: "assistant", content: "Blue." },
    { role: "user", content: "And this?", images: [IMAGE] },
  ],
} as const;
const SCHEMA = {
  type: "object",
  properties: { colour: { type: "string" } },
  required: ["colour"],
  additionalProperties: false,
};
const SHAPE = { type: "json", name: "sky", schema: SCHEMA, instructions: "Answer with JSON." } as const;
const PARAMS = { temperature: 0.5, topP: 0.75, maxTokens: 100, stop: ["END"], seed: 7 };
const PENALTIES = { presencePenalty: 0.25, frequencyPenalty: 0.125 };
const CALL: Call = { prompt: PROMPT, params: PARAMS, shape: SHAPE, n: 1 };

describe("our requests and those of the official SDK", () => {
  it("our requests and those of the official SDK are the same for Anthropic Messages", async () => {
    const client = new Anthropic({ authToken: KEY, baseURL: origin, maxRetries: 0 });
    const sdk = await theirs(
      client.messages.create({
        model: "claude-haiku-5-5",
        max_tokens: 100,
        system: "Be terse.",
        messages: [
          { role: "user", content: "Which colour is the sky?" },
          { role: "assistant", content: "Blue." },
          {
            role: "user",
            content: [
              { type: "text", text: "And this?" },
              { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
            ],
          },
        ],
        stop_sequences: ["END"],
        metadata: { user_id: "user-7" },
        output_config: { effort: "low", format: { type: "json_schema", schema: SCHEMA } },
      }),
    );
    const params = { maxTokens: 100, stop: ["END"], endUser: "user-7", reasoningEffort: "low" } as const;
    const call: Call = { ...CALL, params };
    const mine = await ours(anthropic({ model: "claude-haiku-5-5", authToken: KEY, baseUrl: origin }), call);
    expect(told(mine, "authorization", "accept")).toEqual(told(sdk, "authorization", "accept"));
    // The SDK no longer sends a temperature; we do on purpose.
    expect([mine.headers["anthropic-version"], sdk.headers["anthropic-version"]]).toEqual([
      "2023-06-01",
      "2026-10-21",
    ]);
  });

  const contents = [
    { role: "user", parts: [{ text: "Which colour is the sky?" }] },
    { role: "model", parts: [{ text: "Blue." }] },
    { role: "user", parts: [{ text: "And this?" }, { inlineData: { mimeType: "image/png", data: PNG } }] },
  ];
  const config = {
    systemInstruction: { parts: [{ text: "Be terse." }] },
    temperature: 0.5,
    ...PENALTIES,
    topP: 0.75,
    maxOutputTokens: 100,
    stopSequences: ["END"],
    seed: 7,
    candidateCount: 2,
    thinkingConfig: { thinkingLevel: ThinkingLevel.LOW },
    responseMimeType: "application/json",
    responseJsonSchema: SCHEMA,
  };
  const GOOGLE_CALL: Call = { ...CALL, params: { ...PARAMS, ...PENALTIES, reasoningEffort: "low" }, n: 2 };

  it("our requests and those of the official SDK are the same for Gemini", async () => {
    const client = new GoogleGenAI({ apiKey: KEY, apiVersion: "v1beta", httpOptions: { baseUrl: origin } });
    const sdk = await theirs(client.models.generateContent({ model: "gemini-3.8-flash", contents, config }));
    const mine = await ours(gemini({ model: "gemini-3.8-flash", apiKey: KEY, baseUrl: origin }), GOOGLE_CALL);
    expect(told(mine, "x-goog-api-key")).toEqual(told(sdk, "x-goog-api-key"));
  });

  it("our requests and those of the official SDK are the same for Vertex AI", async () => {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: KEY, expiry_date: Date.now() + 3_600_000 });
    const client = new GoogleGenAI({
      vertexai: true,
      project: "p",
      location: "europe-west4",
      googleAuthOptions: { authClient },
      httpOptions: { baseUrl: origin },
    });
    const sdk = await theirs(client.models.generateContent({ model: "gemini-3.8-flash", contents, config }));
    const options = { project: "p", location: "europe-west4", baseUrl: origin };
    const mine = await ours(vertex({ model: "gemini-3.8-flash", apiKey: KEY, ...options }), GOOGLE_CALL);
    expect(told(mine, "authorization")).toEqual(told(sdk, "authorization"));
  });

  const CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
  const messages: Message[] = [
    { role: "user", content: [{ text: "Which colour is the sky?" }] },
    { role: "assistant", content: [{ text: "Blue." }] },
    {
      role: "user",
      content: [
        { text: "And this?" },
        { image: { format: "png", source: { bytes: Buffer.from(PNG, "base64") } } },
      ],
    },
  ];
  const converse = new ConverseCommand({
    modelId: CLAUDE,
    system: [{ text: "Be terse." }],
    messages,
    inferenceConfig: { temperature: 0.5, topP: 0.75, maxTokens: 100, stopSequences: ["END"] },
    outputConfig: {
      effort: "low",
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { name: "sky", schema: JSON.stringify(SCHEMA) } },
      },
    },
  });
  const CONVERSE_CALL: Call = { ...CALL, params: { ...PARAMS, reasoningEffort: "low" } };

  it("our requests and those of the official SDK are the same for Bedrock with an API key", async () => {
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: origin,
      requestHandler: new NodeHttpHandler(),
      token: { token: KEY },
      authSchemePreference: ["httpBearerAuth"],
      maxAttempts: 1,
    });
    const sdk = await theirs(client.send(converse));
    const mine = await ours(
      bedrock({ model: CLAUDE, apiKey: KEY, region: "us-east-1", baseUrl: origin }),
      CONVERSE_CALL,
    );
    expect(told(mine, "authorization")).toEqual(told(sdk, "authorization"));
  });

  const NOW = Date.UTC(2026, 10, 26, 11, 0, 0);
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "session" };

  it("our requests and those of the official SDK are the same for Bedrock with a signature", async () => {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: origin,
      requestHandler: new NodeHttpHandler(),
      credentials,
      maxAttempts: 1,
    });
    const sdk = await theirs(client.send(converse));
    const mine = await ours(
      bedrock({ model: CLAUDE, credentials, region: "us-east-1", baseUrl: origin }),
      CONVERSE_CALL,
    );
    expect(told(mine, "x-amz-date", "x-amz-security-token")).toEqual(
      told(sdk, "x-amz-date", "x-amz-security-token"),
    );

    // Each signs other headers. For the headers that the SDK signed, our library makes the same signature.
    const { authorization = "" } = sdk.headers;
    const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") ?? [];
    const headers = Object.fromEntries(signed.map((name) => [name, String(sdk.headers[name])]));
    const again = await new AwsV4Signer({
      ...credentials,
      method: "POST",
      url: `${origin}${sdk.path}`,
      headers,
      body: JSON.stringify(sdk.body),
      service: "bedrock",
      region: "us-east-1",
      datetime: "20261126T110000Z",
      allHeaders: true,
    }).sign();
    expect(again.headers.get("authorization")).toBe(authorization);
  });

  it("our requests to Bedrock have the signature that AWS's own signer makes", async () => {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    const provider = bedrock({ model: CLAUDE, credentials, region: "eu-central-1" });
    const request = provider.buildRequest(CONVERSE_CALL, new Set());
    const signer = new SignatureV4({
      credentials,
      region: "eu-central-1",
      service: "bedrock",
      sha256: NodeSha256,
      applyChecksum: false,
    });
    const { hostname, pathname, protocol } = new URL(request.url);
    const { headers } = await signer.sign(
      {
        method: "POST",
        protocol,
        hostname,
        path: pathname,
        query: {},
        headers: { host: hostname },
        body: request.body,
      },
      { signingDate: new Date(NOW) },
    );
    const mine = await provider.authorize(request);
    expect(mine["authorization"]).toBe(headers["authorization"]);
  });

  it("our requests and those of the official SDK are the same for Cohere", async () => {
    const client = new CohereClientV2({ token: KEY, environment: origin });
    const sdk = await theirs(
      client.chat(
        {
          model: "command-a-vision-07-2025",
          messages: [
            { role: "system", content: "Be terse.\n\nAnswer with JSON." },
            { role: "user", content: "Which colour is the sky?" },
            { role: "assistant", content: "Blue." },
            {
              role: "user",
              content: [
                { type: "text", text: "And this?" },
                { type: "image_url", imageUrl: { url: `data:image/png;base64,${PNG}` } },
              ],
            },
          ],
          temperature: 0.5,
          ...PENALTIES,
          p: 0.75,
          maxTokens: 100,
          stopSequences: ["END"],
          seed: 7,
          thinking: { type: "enabled" },
          responseFormat: {
            type: "json_object",
            jsonSchema: { type: "object", properties: SCHEMA.properties, required: SCHEMA.required },
          },
        },
        { maxRetries: 0 },
      ),
    );
    const mine = await ours(cohere({ model: "command-a-vision-07-2025", apiKey: KEY, baseUrl: origin }), {
      ...CALL,
      params: { ...PARAMS, ...PENALTIES, reasoningEffort: "high" },
    });
    const { stream, ...body }: Record<string, unknown> = Object(sdk.body);
    expect(stream).toBe(false);
    expect(told(mine, "authorization")).toEqual(told({ ...sdk, body }, "authorization"));
  });

  it("our requests and those of the official SDK are the same for Ollama", async () => {
    const client = new Ollama({ host: origin, headers: { authorization: `Bearer ${KEY}` } });
    const sdk = await theirs(
      client.chat({
        model: "qwen3-vl",
        messages: [
          { role: "system", content: "Be terse.\n\nAnswer with JSON." },
          { role: "user", content: "Which colour is the sky?" },
          { role: "assistant", content: "Blue." },
          { role: "user", content: "And this?", images: [PNG] },
        ],
        format: SCHEMA,
        think: "low",
        options: {
          temperature: 0.5,
          top_p: 0.75,
          num_predict: 100,
          stop: ["END"],
          seed: 7,
          presence_penalty: 0.25,
          frequency_penalty: 0.125,
        },
      }),
    );
    const mine = await ours(ollama({ model: "qwen3-vl", apiKey: KEY, baseUrl: origin }), {
      ...CALL,
      params: { ...PARAMS, ...PENALTIES, reasoningEffort: "low" },
    });
    // The SDK lets the server cut off what does not fit.
    const body: unknown = { ...Object(sdk.body), truncate: false, shift: false };
    expect(told(mine, "authorization")).toEqual(told({ ...sdk, body }, "authorization"));
  });
});

/** SHA-256 and HMAC in the form that AWS's signer expects. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    throw new Error("A hash of node:crypto cannot be reset");
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
