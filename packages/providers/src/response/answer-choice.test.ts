import type { Choice } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import {
  anthropic,
  bedrock,
  cohere,
  functionProvider,
  gemini,
  mistral,
  ollama,
  openaiResponses,
  vllm,
  type Provider,
} from "../index.ts";

/** How one API writes a choice: its text, its thoughts, its tool calls, and a word for why it stopped. */
interface Told {
  readonly text?: string;
  readonly thoughts?: string;
  /** The arguments of each call of the tool `pets`, as JSON. */
  readonly calls?: readonly string[];
  readonly reason?: string;
}

interface Dialect {
  readonly provider: Provider;
  readonly write: (told: Told) => string;
  /** The API's own words. */
  readonly length: string;
  readonly called: string;
}

const options = { model: "m", apiKey: "k" };
/** JSON with values that are written already. */
const json = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/"@(.*?)@"/g, (_, at) => RAW[Number(at)] ?? "");
let RAW: string[] = [];
const raw = (text: string): string => `@${RAW.push(text) - 1}@`;

const chat = (message: object, reason: string | undefined): string =>
  json({ choices: [{ message, finish_reason: reason }] });

const DIALECTS: Record<string, Dialect> = {
  "Chat Completions": {
    provider: vllm(options),
    length: "length",
    called: "tool_calls",
    write: ({ text = null, thoughts, calls = [], reason }) =>
      chat(
        {
          content: text,
          reasoning_content: thoughts,
          tool_calls: calls.map((call) => ({
            type: "function",
            function: { name: "pets", arguments: call },
          })),
        },
        reason,
      ),
  },
  "Chat Completions with values as arguments": {
    provider: vllm(options),
    length: "LENGTH",
    called: "function_call",
    write: ({ text, thoughts, calls = [], reason }) =>
      chat(
        {
          content: text,
          reasoning: thoughts,
          tool_calls: calls.map((call) => ({ function: { name: "pets", arguments: raw(call) } })),
        },
        reason,
      ),
  },
  "Chat Completions with parts": {
    provider: mistral(options),
    length: "model_length",
    called: "tool_calls",
    write: ({ text, thoughts, calls = [], reason }) =>
      chat(
        {
          content: [
            ...(thoughts === undefined
              ? []
              : [{ type: "thinking", thinking: [{ type: "text", text: thoughts }] }]),
            ...(text === undefined ? [] : [{ type: "text", text }]),
          ],
          tool_calls: calls.map((call) => ({ function: { name: "pets", arguments: call } })),
        },
        reason,
      ),
  },
  Responses: {
    provider: openaiResponses(options),
    length: "max_output_tokens",
    called: "stop",
    write: ({ text, thoughts, calls = [], reason }) =>
      json({
        status: /^max_output_tokens$/i.test(reason ?? "") ? "incomplete" : "completed",
        incomplete_details: { reason },
        output: [
          ...(thoughts === undefined
            ? []
            : [{ type: "reasoning", summary: [{ type: "summary_text", text: thoughts }] }]),
          ...(text === undefined ? [] : [{ type: "message", content: [{ type: "output_text", text }] }]),
          ...calls.map((call) => ({ type: "function_call", name: "pets", arguments: call })),
        ],
      }),
  },
  Messages: {
    provider: anthropic(options),
    length: "max_tokens",
    called: "tool_use",
    write: ({ text, thoughts, calls = [], reason }) =>
      json({
        content: [
          ...(thoughts === undefined ? [] : [{ type: "thinking", thinking: thoughts, signature: "x" }]),
          ...(text === undefined ? [] : [{ type: "text", text }]),
          ...calls.map((call) => ({ type: "tool_use", name: "pets", input: raw(call) })),
        ],
        stop_reason: reason,
      }),
  },
  Converse: {
    provider: bedrock({ ...options, region: "eu-central-1" }),
    length: "max_tokens",
    called: "tool_use",
    write: ({ text, thoughts, calls = [], reason }) =>
      json({
        output: {
          message: {
            content: [
              ...(thoughts === undefined
                ? []
                : [{ reasoningContent: { reasoningText: { text: thoughts } } }]),
              ...(text === undefined ? [] : [{ text }]),
              ...calls.map((call) => ({ toolUse: { name: "pets", input: raw(call) } })),
            ],
          },
        },
        stopReason: reason,
      }),
  },
  Gemini: {
    provider: gemini(options),
    length: "MAX_TOKENS",
    called: "STOP",
    write: ({ text, thoughts, calls = [], reason }) =>
      json({
        candidates: [
          {
            content: {
              parts: [
                ...(thoughts === undefined ? [] : [{ text: thoughts, thought: true }]),
                ...(text === undefined ? [] : [{ text }]),
                ...calls.map((call) => ({ functionCall: { name: "pets", args: raw(call) } })),
              ],
            },
            finishReason: reason,
          },
        ],
      }),
  },
  Ollama: {
    provider: ollama({ model: "m" }),
    length: "length",
    called: "stop",
    write: ({ text = "", thoughts, calls = [], reason }) =>
      json({
        message: {
          content: text,
          thinking: thoughts,
          tool_calls: calls.map((call) => ({ function: { name: "pets", arguments: raw(call) } })),
        },
        done_reason: reason,
      }),
  },
  Cohere: {
    provider: cohere(options),
    length: "MAX_TOKENS",
    called: "TOOL_CALL",
    write: ({ text, thoughts, calls = [], reason }) =>
      json({
        message: {
          content: [
            ...(thoughts === undefined ? [] : [{ type: "thinking", thinking: thoughts }]),
            ...(text === undefined ? [] : [{ type: "text", text }]),
          ],
          tool_calls: calls.map((call) => ({
            type: "function",
            function: { name: "pets", arguments: call },
          })),
        },
        finish_reason: reason,
      }),
  },
};

const choiceOf = ({ provider, write }: Dialect, told: Told): Choice | undefined => {
  RAW = [];
  const answer = provider.readResponse({ status: 200, headers: {}, body: write(told) }, new Set());
  if (!answer.ok) throw new Error(answer.rejection.message);
  return answer.completion.choices[0];
};

describe.each(Object.entries(DIALECTS))("an answer of %s", (_name, dialect) => {
  const { length, called } = dialect;

  it("an answer has its thoughts separate from its text", () => {
    expect(choiceOf(dialect, { text: "yes", thoughts: "hm" })).toEqual({
      text: "yes",
      finishReason: "stop",
      thoughts: "hm",
    });
    expect(choiceOf(dialect, { text: "yes" })).toEqual({ text: "yes", finishReason: "stop" });
  });

  it("an answer may consist only of thoughts", () => {
    const choice = choiceOf(dialect, { thoughts: "hm", reason: length });
    expect(choice).toEqual({ text: "", finishReason: "length", thoughts: "hm" });
  });

  it("an answer says that the token limit was reached, in any case of the word", () => {
    for (const reason of [length, length.toUpperCase(), length.toLowerCase()])
      expect(choiceOf(dialect, { text: "ye", reason })).toEqual({ text: "ye", finishReason: "length" });
  });

  it("an answer may be the arguments of a tool call, with every number as it was written", () => {
    const call = '{"id":1234567890123456789,"price":1.10}';
    expect(choiceOf(dialect, { calls: [call], reason: called })).toEqual({
      text: call,
      finishReason: "stop",
      toolCall: "pets",
    });
  });

  it("an answer has the arguments of all tool calls", () => {
    const calls = ['{"a":1}', '{"a":2}'];
    expect(choiceOf(dialect, { calls, reason: called })).toMatchObject({ text: calls.join("\n") });
  });
});

describe("content of Chat Completions", () => {
  const contentOf = (message: object, more: object = {}): Choice | undefined =>
    choiceOf(
      {
        ...(DIALECTS["Chat Completions"] as Dialect),
        write: () => json({ choices: [{ message, ...more }] }),
      },
      {},
    );

  it.each([
    ["a text", { content: "yes" }],
    [
      "parts",
      {
        content: [
          { type: "text", text: "y" },
          { type: "text", text: "es" },
        ],
      },
    ],
    ["parts of Responses", { content: [{ type: "output_text", text: "yes" }] }],
    ["parts without a type", { content: [{ text: "yes" }] }],
    ["one part", { content: { type: "text", text: "yes" } }],
    ["texts", { content: ["y", "es"] }],
  ])("content of Chat Completions may be %s", (_name, message) => {
    expect(contentOf(message)).toEqual({ text: "yes", finishReason: "stop" });
  });

  it("content of Chat Completions may be that of the older Completions", () => {
    const body = json({ choices: [{ text: "yes", finish_reason: "length" }] });
    expect(choiceOf({ ...(DIALECTS["Chat Completions"] as Dialect), write: () => body }, {})).toEqual({
      text: "yes",
      finishReason: "length",
    });
  });

  it("content of Chat Completions is the text if there is one besides a tool call", () => {
    const message = { content: "yes", tool_calls: [{ function: { name: "pets", arguments: "{}" } }] };
    expect(contentOf(message, { finish_reason: "tool_calls" })).toEqual({
      text: "yes",
      finishReason: "other",
    });
  });

  it("content of Chat Completions may have the older kind of function call", () => {
    expect(
      contentOf(
        { content: null, function_call: { name: "pets", arguments: '{"a":1}' } },
        { finish_reason: "function_call" },
      ),
    ).toEqual({ text: '{"a":1}', finishReason: "stop", toolCall: "pets" });
  });
});

describe("a function", () => {
  it("a function as a provider may also give thoughts", async () => {
    const provider = functionProvider({
      name: "mine",
      model: "m",
      complete: () => ({ text: "yes", thoughts: "hm" }),
    });
    const request = provider.buildRequest(
      { prompt: { messages: [{ role: "user", content: "?" }] }, params: {}, shape: { type: "text" }, n: 1 },
      new Set(),
    );
    const response = await provider.send?.(request, new AbortController().signal);
    expect(response && provider.readResponse(response, new Set())).toMatchObject({
      completion: { choices: [{ text: "yes", thoughts: "hm", finishReason: "stop" }] },
    });
  });
});
