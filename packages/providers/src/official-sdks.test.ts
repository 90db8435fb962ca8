import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import Groq from "groq-sdk";
import OpenAI, { AzureOpenAI } from "openai";
import { beforeEach, describe, expect, it } from "vitest";
import { serve } from "../fixtures/serve.ts";
import { QUESTION } from "../fixtures/responses.ts";
import { azureOpenAI, groq, mistral, openai, openaiResponses, type Call, type Provider } from "./index.ts";

/** A request as the server receives it, without fields that mean nothing. */
interface Seen {
  readonly path: string;
  readonly credentials: string | undefined;
  readonly body: unknown;
}

let seen: Seen | undefined;
const server = createServer((request, response) => void receive(request, response));
// An SDK takes seconds to load on a busy machine; a connection must not be closed meanwhile.
server.keepAliveTimeout = 0;

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization, "api-key": apiKey } = request.headers;
  seen = {
    path: request.url ?? "",
    credentials: authorization ?? apiKey?.toString(),
    body: JSON.parse(await text(request), withoutDefaults),
  };
  // No SDK retries this error. Only the request matters.
  response.writeHead(400, { "content-type": "application/json" }).end('{"error":{"message":"seen"}}');
}

/** The defaults of the APIs, which some SDKs or their types send all the same. */
function withoutDefaults(name: string, value: unknown): unknown {
  const isDefault = (name === "stream" && value === false) || (name === "detail" && value === "auto");
  return isDefault ? undefined : value;
}

const origin = await serve(server);
beforeEach(() => void (seen = undefined));

/** In a variable, so that the compiler does not read this SDK's types, which change the global ReadableStream. */
const MISTRAL_SDK: string = "@mistralai/mistralai";

/** The part of Mistral's SDK that is used here. */
interface MistralSdk {
  readonly Mistral: new (options: { apiKey: string; serverURL: string }) => {
    readonly chat: { complete(request: Readonly<Record<string, unknown>>): Promise<unknown> };
  };
}

const KEY = "sdk-key";
const system = { role: "system", content: "Be terse." } as const;
const user = { role: "user", content: "Which colour is the sky?" } as const;
const assistant = { role: "assistant", content: "Blue." } as const;
const again = { role: "user", content: "And the sea?" } as const;
const PROMPT = { messages: [system, user, assistant, again] };
const PARAMS = { temperature: 0.5, topP: 0.75, maxTokens: 100, stop: ["\n"], seed: 7 };
const PENALTIES = { presencePenalty: 0.25, frequencyPenalty: 0.125 };
const IMAGE = { url: "https://images.example/sky.png" };

const SCHEMA = {
  type: "object",
  properties: { colour: { type: "string" } },
  required: ["colour"],
  additionalProperties: false,
};
const SHAPE = { type: "json", name: "sky", schema: SCHEMA, instructions: "Answer with JSON." } as const;

/** Our request in the form in which the server would receive it. */
async function ours(provider: Provider, call: Call): Promise<Seen> {
  const request = provider.buildRequest(call, new Set());
  const { pathname, search } = new URL(request.url);
  const { authorization, "api-key": apiKey } = await provider.authorize(request);
  return { path: pathname + search, credentials: authorization ?? apiKey, body: JSON.parse(request.body) };
}

/** The request of the SDK, which the server refuses on purpose. */
async function theirs(request: PromiseLike<unknown>): Promise<Seen | undefined> {
  await expect(Promise.resolve(request)).rejects.toThrow(/seen/);
  return seen;
}

describe("our requests and those of the official SDK", () => {
  it("our requests and those of the official SDK are the same for OpenAI Chat Completions", async () => {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0 });
    const provider = openai({ model: "gpt-4.1-mini", apiKey: KEY, baseUrl: "https://api.openai.com/v1" });
    expect(
      await theirs(
        client.chat.completions.create({
          model: "gpt-4.1-mini",
          messages: [system, user, assistant, again],
          temperature: 0.5,
          top_p: 0.75,
          stop: ["\n"],
          seed: 7,
          n: 2,
          max_completion_tokens: 100,
          presence_penalty: 0.25,
          frequency_penalty: 0.125,
          logit_bias: { "1734": -100 },
          safety_identifier: "user-7",
          reasoning_effort: "low",
          response_format: {
            type: "json_schema",
            json_schema: { name: "sky", schema: SCHEMA, strict: true },
          },
        }),
      ),
    ).toEqual(
      await ours(provider, {
        prompt: PROMPT,
        params: {
          ...PARAMS,
          ...PENALTIES,
          logitBias: { "1734": -100 },
          endUser: "user-7",
          reasoningEffort: "low",
        },
        shape: SHAPE,
        n: 2,
      }),
    );
  });

  it("our requests and those of the official SDK are the same for OpenAI Chat Completions with an image", async () => {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0 });
    const provider = openai({ model: "gpt-4.1-mini", apiKey: KEY, baseUrl: "https://api.openai.com/v1" });
    const content = [
      { type: "text", text: user.content },
      { type: "image_url", image_url: IMAGE },
    ] as const;
    expect(
      await theirs(
        client.chat.completions.create({
          model: "gpt-4.1-mini",
          messages: [{ role: "user", content: [...content] }],
        }),
      ),
    ).toEqual(await ours(provider, { ...QUESTION, prompt: { messages: [{ ...user, images: [IMAGE] }] } }));
  });

  it("our requests and those of the official SDK are the same for OpenAI Responses", async () => {
    const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0 });
    const provider = openaiResponses({
      model: "gpt-6-luna",
      apiKey: KEY,
      baseUrl: "https://api.openai.com/v1",
    });
    expect(
      await theirs(
        client.responses.create({
          model: "gpt-6-luna",
          input: [
            system,
            {
              role: "user",
              content: [
                { type: "input_text", text: user.content },
                { type: "input_image", image_url: IMAGE.url, detail: "auto" },
              ],
            },
          ],
          store: false,
          safety_identifier: "user-7",
          temperature: 0.5,
          top_p: 0.75,
          max_output_tokens: 100,
          reasoning: { effort: "low" },
          text: { format: { type: "json_schema", name: "sky", schema: SCHEMA, strict: true } },
        }),
      ),
    ).toEqual(
      await ours(provider, {
        prompt: { messages: [system, { ...user, images: [IMAGE] }] },
        params: { ...PARAMS, endUser: "user-7", reasoningEffort: "low" },
        shape: SHAPE,
        n: 1,
      }),
    );
  });

  it("our requests and those of the official SDK are the same for Azure OpenAI at a deployment's URL", async () => {
    const apiVersion = "2024-10-21";
    const client = new AzureOpenAI({
      apiKey: KEY,
      endpoint: origin,
      apiVersion,
      deployment: "mine",
      maxRetries: 0,
    });
    const provider = azureOpenAI({ model: "mine", apiKey: KEY, baseUrl: origin, apiVersion });
    expect(
      await theirs(
        client.chat.completions.create({ model: "mine", messages: [user], max_completion_tokens: 100 }),
      ),
    ).toEqual(await ours(provider, { ...QUESTION, params: { maxTokens: 100 } }));
  });

  it("our requests and those of the official SDK are the same for Groq", async () => {
    const client = new Groq({ apiKey: KEY, baseURL: origin, maxRetries: 0 });
    const provider = groq({ model: "openai/gpt-oss-20b", apiKey: KEY });
    expect(
      await theirs(
        client.chat.completions.create({
          model: "openai/gpt-oss-20b",
          messages: [system, user, assistant, again],
          temperature: 0.5,
          top_p: 0.75,
          stop: ["\n"],
          seed: 7,
          max_completion_tokens: 100,
          user: "user-7",
          reasoning_effort: "low",
          response_format: {
            type: "json_schema",
            json_schema: { name: "sky", schema: SCHEMA, strict: true },
          },
        }),
      ),
    ).toEqual(
      await ours(provider, {
        prompt: PROMPT,
        params: { ...PARAMS, endUser: "user-7", reasoningEffort: "low" },
        shape: SHAPE,
        n: 1,
      }),
    );
  });

  it("our requests and those of the official SDK are the same for Mistral", async () => {
    const { Mistral }: MistralSdk = await import(MISTRAL_SDK);
    const client = new Mistral({ apiKey: KEY, serverURL: origin });
    const provider = mistral({ model: "mistral-large-2512", apiKey: KEY });
    expect(
      await theirs(
        client.chat.complete({
          model: "mistral-large-2512",
          messages: [
            system,
            {
              role: "user",
              content: [
                { type: "text", text: user.content },
                { type: "image_url", imageUrl: IMAGE },
              ],
            },
          ],
          temperature: 0.5,
          topP: 0.75,
          stop: ["\n"],
          randomSeed: 7,
          n: 2,
          maxTokens: 100,
          presencePenalty: 0.25,
          frequencyPenalty: 0.125,
          reasoningEffort: "high",
          responseFormat: {
            type: "json_schema",
            jsonSchema: { name: "sky", schemaDefinition: SCHEMA, strict: true },
          },
        }),
      ),
    ).toEqual(
      await ours(provider, {
        prompt: { messages: [system, { ...user, images: [IMAGE] }] },
        params: { ...PARAMS, ...PENALTIES, reasoningEffort: "high" },
        shape: SHAPE,
        n: 2,
      }),
    );
  });
});
