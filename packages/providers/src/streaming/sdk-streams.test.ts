import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { CohereClientV2 } from "cohere-ai";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { serve } from "../../fixtures/serve.ts";
import { QUESTION } from "../../fixtures/responses.ts";
import * as streams from "../../fixtures/streams.ts";
import {
  anthropic,
  cohere,
  gemini,
  ollama,
  openai,
  openaiResponses,
  type Provider,
  type ProviderAnswer,
} from "../index.ts";

/** What the server sends to whoever asks. */
let body = "";
let seen: { readonly url: string; readonly body: unknown } | undefined;
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  seen = { url: request.url ?? "", body: JSON.parse(await text(request)) };
  response.writeHead(200, { "content-type": "text/event-stream" }).end(body);
}

const origin = await serve(server);

const KEY = "sdk-key-0123456789";
const MODEL = "m";
const messages = [{ role: "user", content: "Which colour is the sky?" }] as const;

function read(provider: Provider): Extract<ProviderAnswer, { ok: true }> {
  const read = provider.readResponse(streams.streamed(body), new Set());
  if (!read.ok) throw new Error(read.rejection.message);
  return read;
}

/** The body that our reading keeps, without what is `null` or unset, which the libraries write in their own ways. */
function kept(provider: Provider): unknown {
  return JSON.parse(read(provider).body ?? "", told);
}

/** A value without fields that say nothing. */
function told(name: string, value: unknown): unknown {
  if (value === null || name === "parsed" || name === "output_text") return undefined;
  return value;
}

function toldBy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), told);
}

/** The request that we send for a stream, in the form in which the server sees it. */
function ourRequest(provider: Provider): unknown {
  const { url, body: sent } = provider.buildRequest(QUESTION, new Set());
  const { pathname, search } = new URL(url);
  return { url: `${pathname}${search}`, body: JSON.parse(sent) };
}

describe("our assembly of a stream and that of the official SDK", () => {
  it.each([
    ["a text", streams.CHAT_TEXT],
    ["two choices", streams.CHAT_CHOICES],
    ["tool calls", streams.CHAT_TOOLS],
    ["a refusal", streams.CHAT_REFUSAL],
  ])(
    "our assembly of a stream and that of the official SDK are the same for OpenAI Chat Completions: %s",
    async (_name, sent) => {
      body = sent;
      const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0 });
      const stream = client.chat.completions.stream({
        model: MODEL,
        messages: [...messages],
        stream_options: { include_usage: true },
      });
      const theirs = await stream.finalChatCompletion();
      const provider = openai({ model: MODEL, apiKey: KEY, baseUrl: `${origin}/v1`, stream: true });
      expect(kept(provider)).toEqual(toldBy(theirs));
      expect(ourRequest(provider)).toEqual(seen);
    },
  );

  it.each([
    ["thoughts and a text", streams.ANTHROPIC_TEXT],
    ["a tool", streams.ANTHROPIC_TOOL],
  ])(
    "our assembly of a stream and that of the official SDK are the same for Anthropic Messages: %s",
    async (_name, sent) => {
      body = sent;
      const client = new Anthropic({ apiKey: KEY, baseURL: origin, maxRetries: 0 });
      const theirs = await client.messages
        .stream({ model: MODEL, max_tokens: 16_384, messages: [...messages] })
        .finalMessage();
      const provider = anthropic({ model: MODEL, apiKey: KEY, baseUrl: origin, stream: true });
      expect(kept(provider)).toEqual(toldBy(theirs));
      expect(ourRequest(provider)).toEqual(seen);
    },
  );

  it("our assembly of a stream and that of the official SDK are the same for OpenAI Responses", async () => {
    body = streams.RESPONSES_TEXT;
    const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1`, maxRetries: 0 });
    const theirs = await client.responses
      .stream({ model: MODEL, input: [...messages], store: false })
      .finalResponse();
    const provider = openaiResponses({ model: MODEL, apiKey: KEY, baseUrl: `${origin}/v1`, stream: true });
    expect(kept(provider)).toEqual(toldBy(theirs));
    expect(ourRequest(provider)).toEqual(seen);
  });

  it("our assembly of a stream and that of the official SDK have the same text for Gemini, whose SDK gives chunks", async () => {
    body = streams.GEMINI_TEXT;
    const client = new GoogleGenAI({ apiKey: KEY, apiVersion: "v1beta", httpOptions: { baseUrl: origin } });
    const chunks = await client.models.generateContentStream({
      model: MODEL,
      contents: [{ role: "user", parts: [{ text: messages[0].content }] }],
    });
    let theirs = "";
    for await (const chunk of chunks) theirs += chunk.text ?? "";
    const provider = gemini({ model: MODEL, apiKey: KEY, baseUrl: origin, stream: true });
    expect(read(provider).completion.choices[0]?.text).toBe(theirs);
    expect(ourRequest(provider)).toEqual(seen);
  });

  it("our assembly of a stream and that of the official SDK have the same text and thoughts for Ollama, whose SDK gives chunks", async () => {
    body = streams.OLLAMA_TEXT;
    const client = new Ollama({ host: origin });
    const chunks = await client.chat({ model: MODEL, messages: [...messages], stream: true });
    let [theirs, thoughts] = ["", ""];
    for await (const { message } of chunks) {
      theirs += message.content;
      thoughts += message.thinking ?? "";
    }
    const provider = ollama({ model: MODEL, baseUrl: origin, stream: true });
    expect(read(provider).completion.choices[0]).toMatchObject({ text: theirs, thoughts });
    expect(seen).toMatchObject({ url: "/api/chat", body: { stream: true } });
  });

  it.each([
    ["a text", streams.COHERE_TEXT],
    ["a tool", streams.COHERE_TOOL],
  ])(
    "our assembly of a stream and that of the official SDK have the same pieces for Cohere, whose SDK gives events: %s",
    async (_name, sent) => {
      body = sent;
      const client = new CohereClientV2({ token: KEY, environment: origin });
      let [texts, calls, plan] = ["", "", ""];
      for await (const event of await client.chatStream({ model: MODEL, messages: [...messages] })) {
        if (event.type === "content-delta") texts += event.delta?.message?.content?.text ?? "";
        if (event.type === "tool-plan-delta") plan += event.delta?.message?.toolPlan ?? "";
        if (event.type === "tool-call-delta")
          calls += event.delta?.message?.toolCalls?.function?.arguments ?? "";
      }
      const provider = cohere({ model: MODEL, apiKey: KEY, baseUrl: origin, stream: true });
      const { completion, body: whole = "" } = read(provider);
      expect(completion.choices[0]?.text).toBe(texts || calls);
      expect(JSON.parse(whole).message.tool_plan ?? "").toBe(plan);
      expect(ourRequest(provider)).toEqual(seen);
    },
  );
});
