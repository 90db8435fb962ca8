import { assert, boolean, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import * as streams from "../../fixtures/streams.ts";
import { json, QUESTION } from "../../fixtures/responses.ts";
import {
  anthropic,
  bedrock,
  cohere,
  gemini,
  mistral,
  ollama,
  openai,
  openaiResponses,
  vertex,
  type Provider,
  type ProviderAnswer,
} from "../index.ts";

const options = { model: "m", apiKey: "k-0123456789abcdef" };
const PROVIDERS = {
  chat: openai(options),
  responses: openaiResponses(options),
  anthropic: anthropic(options),
  gemini: gemini(options),
  vertex: vertex({ ...options, project: "p" }),
  ollama: ollama({ model: "m" }),
  cohere: cohere(options),
} as const;

const NONE = new Set<string>();
const { streamed } = streams;

function read(provider: Provider, body: string, status = 200): ProviderAnswer {
  return provider.readResponse(streamed(body, status), NONE);
}

/** What a stream comes to; its body read again must come to the same. */
function answerOf(provider: Provider, body: string): unknown {
  const answer = read(provider, body);
  if (!answer.ok) return answer.rejection;
  const again = provider.readResponse({ status: 200, headers: {}, body: answer.body ?? "" }, NONE);
  expect(again).toEqual({ ok: true, completion: answer.completion });
  const { choices, usage, model } = answer.completion;
  return { choices, model, input: usage.inputTokens, output: usage.outputTokens };
}

type Case = readonly [
  name: string,
  provider: Provider,
  body: string,
  choices: readonly object[],
  tokens: string,
];
const CASES: readonly Case[] = [
  [
    "Chat Completions: a text",
    PROVIDERS.chat,
    streams.CHAT_TEXT,
    [{ text: "Größe 🦜 and more", finishReason: "stop" }],
    "12 7",
  ],
  [
    "Chat Completions: two choices",
    PROVIDERS.chat,
    streams.CHAT_CHOICES,
    [
      { text: "aa", finishReason: "stop" },
      { text: "b", finishReason: "length" },
    ],
    "12 7",
  ],
  [
    "Chat Completions: tool calls",
    PROVIDERS.chat,
    streams.CHAT_TOOLS,
    [{ text: '{"n":1.10}\n{"n":2}', finishReason: "stop", toolCall: "pets" }],
    "12 7",
  ],
  [
    "Chat Completions: a refusal",
    PROVIDERS.chat,
    streams.CHAT_REFUSAL,
    [{ text: "I can't help with that.", finishReason: "refusal" }],
    "12 7",
  ],
  [
    "Chat Completions: thoughts",
    PROVIDERS.chat,
    streams.CHAT_THOUGHTS,
    [{ text: "Blue.", finishReason: "stop", thoughts: "Sky: blue." }],
    "12 7",
  ],
  [
    "Messages: thoughts and a text",
    PROVIDERS.anthropic,
    streams.ANTHROPIC_TEXT,
    [{ text: "Grüß Gott!", finishReason: "stop", thoughts: "Greet them." }],
    "30 15",
  ],
  [
    "Messages: a tool",
    PROVIDERS.anthropic,
    streams.ANTHROPIC_TOOL,
    [{ text: '{"n":1.10}', finishReason: "stop", toolCall: "pets" }],
    "30 15",
  ],
  [
    "Responses: a text",
    PROVIDERS.responses,
    streams.RESPONSES_TEXT,
    [{ text: "Hi there!", finishReason: "stop" }],
    "37 11",
  ],
  [
    "Responses: a last event without output",
    PROVIDERS.responses,
    streams.RESPONSES_WITHOUT_OUTPUT,
    [{ text: "Hi there!", finishReason: "stop" }],
    "37 11",
  ],
  [
    "Gemini: thoughts and a text",
    PROVIDERS.gemini,
    streams.GEMINI_TEXT,
    [{ text: "Well done", finishReason: "stop", thoughts: "Think first." }],
    "6 8",
  ],
  [
    "Gemini: a list of chunks",
    PROVIDERS.gemini,
    JSON.stringify(streams.GEMINI_CHUNKS),
    [{ text: "Well done", finishReason: "stop", thoughts: "Think first." }],
    "6 8",
  ],
  [
    "Gemini: a tool",
    PROVIDERS.gemini,
    streams.GEMINI_TOOL,
    [{ text: '{"n":1.10}', finishReason: "stop", thoughts: "Think first.", toolCall: "pets" }],
    "6 8",
  ],
  [
    "Vertex AI: thoughts and a text",
    PROVIDERS.vertex,
    streams.GEMINI_TEXT,
    [{ text: "Well done", finishReason: "stop", thoughts: "Think first." }],
    "6 8",
  ],
  [
    "Ollama: thoughts and a text",
    PROVIDERS.ollama,
    streams.OLLAMA_TEXT,
    [{ text: "Because of air", finishReason: "stop", thoughts: "Hm well" }],
    "26 8",
  ],
  [
    "Cohere: thoughts and a text",
    PROVIDERS.cohere,
    streams.COHERE_TEXT,
    [{ text: "LLM stands for it", finishReason: "stop", thoughts: "Let me see" }],
    "5 9",
  ],
  [
    "Cohere: lines of JSON",
    PROVIDERS.cohere,
    streams.COHERE_LINES,
    [{ text: "LLM stands for it", finishReason: "stop", thoughts: "Let me see" }],
    "5 9",
  ],
  [
    "Cohere: a tool",
    PROVIDERS.cohere,
    streams.COHERE_TOOL,
    [{ text: '{"n":1}', finishReason: "stop", toolCall: "pets" }],
    "71 9",
  ],
];

describe("a stream that nobody asked for", () => {
  it.each(CASES)(
    "a stream that nobody asked for is put together to the answer in one piece: %s",
    (_name, provider, body, choices, tokens) => {
      const [input, output] = tokens.split(" ").map(Number);
      expect(answerOf(provider, body)).toMatchObject({ choices, input, output });
    },
  );

  it("a stream that nobody asked for keeps what only the plain body tells: the id, the tier, details of the usage, citations", () => {
    const answer = read(PROVIDERS.chat, streams.CHAT_TEXT);
    expect(JSON.parse((answer.ok && answer.body) || "")).toEqual({
      id: "chatcmpl-9",
      object: "chat.completion",
      created: 1_745_678_496,
      model: "gpt-4.1-nano",
      service_tier: "default",
      system_fingerprint: "fp_eede8f0d45",
      choices: [
        {
          index: 0,
          logprobs: null,
          finish_reason: "stop",
          message: { role: "assistant", content: "Größe 🦜 and more", refusal: null },
        },
      ],
      usage: {
        prompt_tokens: 12,
        completion_tokens: 7,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
    const cited = read(PROVIDERS.cohere, streams.COHERE_TEXT);
    expect(JSON.parse((cited.ok && cited.body) || "")).toMatchObject({
      message: { citations: [{ text: "LLM", start: 0, end: 3 }] },
    });
  });

  it.each(CASES)(
    "a stream that nobody asked for is never taken for an answer while it has no end: %s",
    (_name, provider, body) => {
      const whole = answerOf(provider, body);
      const lines = body.split("\n");
      for (let at = 1; at < lines.length; at++) {
        const answer = Object(answerOf(provider, lines.slice(0, at).join("\n")));
        // Where only the usage or the mark of the end is missing, the answer is whole.
        expect([answer.verdict ?? answer.choices]).toContainEqual(
          answer.verdict === undefined ? Object(whole).choices : "retry",
        );
      }
    },
  );

  it.each(CASES)(
    "a stream that nobody asked for is read alike with every kind of line break, and with comments: %s",
    (_name, provider, body) => {
      const whole = answerOf(provider, body);
      if (body.startsWith("{") || body.startsWith("[")) return;
      const plain = body.replaceAll("\r\n", "\n");
      assert(
        property(
          constantFrom("\n", "\r\n", "\r"),
          constantFrom("", ": ping", ":", ": OPENROUTER PROCESSING", "retry: 100", "id: 7", "unknown"),
          boolean(),
          (lineBreak, between, hasMark) => {
            const mark = hasMark ? "\uFEFF" : "";
            const text = plain.replaceAll("\n\n", `\n${between === "" ? "" : `${between}\n`}\n`);
            expect(answerOf(provider, `${mark}: hello\n\n${text}`.replaceAll("\n", lineBreak))).toEqual(
              whole,
            );
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it("a stream that nobody asked for may have data of several lines, no blank line at the end, and an end without its mark", () => {
    const [first = ""] = streams.CHAT_TEXT.split("[DONE]");
    const spread = first.replaceAll('"choices":', '\ndata: "choices":');
    expect(answerOf(PROVIDERS.chat, spread.trimEnd())).toEqual(answerOf(PROVIDERS.chat, streams.CHAT_TEXT));
  });

  it("a stream that nobody asked for may have the whole message in one event, as a server sends it that only seems to stream", () => {
    const whole = {
      choices: [{ message: { content: "Hi" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    };
    expect(answerOf(PROVIDERS.chat, streams.chatStreamOf(whole))).toMatchObject({
      choices: [{ text: "Hi" }],
    });
  });

  it("a stream that nobody asked for may tell the usage as Groq does, or not at all", () => {
    const end = { choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] };
    const groq = { ...end, x_groq: { usage: { prompt_tokens: 3, completion_tokens: 2 } } };
    expect(answerOf(PROVIDERS.chat, streams.chatStreamOf(groq))).toMatchObject({ input: 3, output: 2 });
    expect(answerOf(PROVIDERS.chat, streams.chatStreamOf(end))).toMatchObject({ input: 0, output: 0 });
  });

  it("a stream that nobody asked for may have content in parts, and calls that all have the same number", () => {
    const delta = (each: object, reason?: string) => ({
      choices: [{ index: 0, delta: each, finish_reason: reason ?? "" }],
    });
    const think = (text: string) =>
      delta({ content: [{ type: "thinking", thinking: [{ type: "text", text }] }] });
    const parts = streams.chatStreamOf(
      think("a"),
      think("b"),
      delta({ content: "c" }),
      delta({ content: "d" }, "stop"),
    );
    expect(answerOf(mistral(options), parts)).toMatchObject({ choices: [{ text: "cd", thoughts: "ab" }] });
    const call = (id: string) =>
      delta({ tool_calls: [{ index: 0, id, function: { name: "f", arguments: `{"id":"${id}"}` } }] });
    const calls = streams.chatStreamOf(call("x"), call("y"), delta({}, "tool_calls"));
    expect(answerOf(PROVIDERS.chat, calls)).toMatchObject({ choices: [{ text: '{"id":"x"}\n{"id":"y"}' }] });
  });
});

describe("an error in a stream", () => {
  const begun = streams.CHAT_TEXT.slice(0, streams.CHAT_TEXT.indexOf("🦜"));
  it.each([
    [
      "Chat Completions",
      PROVIDERS.chat,
      `data: {"error":{"message":"The server is overloaded","type":"server_error","code":"server_is_overloaded"}}\n\n`,
      "wait",
      "RATE_LIMITED",
    ],
    [
      "Chat Completions with choices",
      PROVIDERS.chat,
      `data: {"id":"1","error":{"code":"insufficient_quota","message":"You have no credit left"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n`,
      "stop",
      "NO_CREDIT",
    ],
    [
      "an event with the name of an error",
      PROVIDERS.chat,
      `event: error\ndata: {"code":"429","message":"rate limit reached"}\n\n`,
      "wait",
      "RATE_LIMITED",
    ],
    [
      "plain JSON behind the events",
      PROVIDERS.gemini,
      `{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded.",\n    "status": "UNAVAILABLE"\n  }\n}\n`,
      "wait",
      "RATE_LIMITED",
    ],
    [
      "Messages",
      PROVIDERS.anthropic,
      `event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n`,
      "wait",
      "RATE_LIMITED",
    ],
    [
      "Responses",
      PROVIDERS.responses,
      `event: error\ndata: {"type":"error","code":"server_error","message":"Sorry","param":null,"sequence_number":3}\n\n`,
      "retry",
      "SERVER_ERROR",
    ],
    [
      "Gemini",
      PROVIDERS.gemini,
      `data: {"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}}\n\n`,
      "wait",
      "RATE_LIMITED",
    ],
    [
      "Cohere",
      PROVIDERS.cohere,
      `data: {"message":"internal error","type":"error"}\n\n`,
      "retry",
      "SERVER_ERROR",
    ],
  ])("an error in a stream is judged as an error is: %s", (_name, provider, event, verdict, code) => {
    const first = Object.values(CASES)
      .find(([, each]) => each === provider)?.[2]
      .split(/\r?\n\r?\n/)[0];
    expect(answerOf(provider, event.startsWith("{") ? `${first}\n\n${event}` : event)).toMatchObject({
      verdict,
      code,
    });
    expect(answerOf(provider, `${first}\n\n${event}`)).toMatchObject({ verdict, code });
  });

  it("an error in a stream may have cost what was written before it, and costs nothing where nothing was written", () => {
    const event = 'data: {"error":{"message":"overloaded","code":"overloaded"}}\n\n';
    expect(read(PROVIDERS.chat, event)).toMatchObject({ status: 503 });
    expect(read(PROVIDERS.chat, `${begun}"}}]}\n\n${event}`)).not.toHaveProperty("status");
  });

  it("an error in a stream is read under any status", () => {
    const event =
      'event: error\ndata: {"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}\n\n';
    expect(read(PROVIDERS.chat, event, 401)).toMatchObject({ rejection: { code: "AUTHENTICATION" } });
  });

  it("an error in a stream of Ollama comes on a line of its own", () => {
    const [first = ""] = streams.OLLAMA_TEXT.split("\n");
    const error = '{"error":"an error was encountered while running the model: CUDA error"}\n';
    expect(answerOf(PROVIDERS.ollama, `${first}\n${error}`)).toMatchObject({
      verdict: "retry",
      code: "SERVER_ERROR",
    });
  });

  it("a stream that breaks off has an error that says so in words", () => {
    expect(answerOf(PROVIDERS.chat, `${begun}"}}]}\n\ndata: [DONE]\n\n`)).toEqual({
      verdict: "retry",
      code: "SERVER_ERROR",
      message: "HTTP 200: the stream of the answer broke off before its end",
    });
  });

  it("a text that only looks like a stream is not read as one", () => {
    for (const text of ["data: none today", "id: 7", ": no more\n", "event: closed\ndata: bye\n\n"])
      expect(answerOf(PROVIDERS.chat, text)).toMatchObject({ verdict: "retry", code: "BAD_RESPONSE" });
  });
});

describe("asking for a stream", () => {
  it.each([
    [
      "openai",
      (stream: boolean) => openai({ ...options, stream }),
      { stream: true, stream_options: { include_usage: true } },
    ],
    ["mistral", (stream: boolean) => mistral({ ...options, stream }), { stream: true }],
    ["openaiResponses", (stream: boolean) => openaiResponses({ ...options, stream }), { stream: true }],
    ["anthropic", (stream: boolean) => anthropic({ ...options, stream }), { stream: true }],
    ["cohere", (stream: boolean) => cohere({ ...options, stream }), { stream: true }],
    ["ollama", (stream: boolean) => ollama({ model: "m", stream }), { stream: true }],
    ["gemini", (stream: boolean) => gemini({ ...options, stream }), {}],
  ])("asking for a stream adds it to the request, which is else the plain one: %s", (_name, make, added) => {
    const plain = make(false).buildRequest(QUESTION, NONE);
    const asked = make(true).buildRequest(QUESTION, NONE);
    expect(asked.plain).toEqual({ url: plain.url, body: plain.body });
    expect(JSON.parse(asked.body)).toEqual({ ...JSON.parse(plain.body), ...added });
    const byAmendment = make(false).buildRequest(QUESTION, new Set(["stream:on"]));
    expect(byAmendment).toEqual(asked);
    expect(make(true).buildRequest(QUESTION, new Set(["stream:off"]))).toEqual(plain);
  });

  it("asking for a stream asks Gemini at another address", () => {
    const streaming = gemini({ ...options, stream: true, baseUrl: "https://g.example?api-version=1" });
    expect(streaming.buildRequest(QUESTION, NONE).url).toBe(
      "https://g.example/v1beta/models/m:streamGenerateContent?api-version=1&alt=sse",
    );
  });

  it("a stream is refused as a field of the body, and other fields of it are left alone", () => {
    expect(() => openai({ ...options, stream: true, extraBody: { stream: true } })).toThrow(
      "Cannot add the field stream to the body of requests to OpenAI: the option stream sets it",
    );
    const own = openai({ ...options, stream: true, extraBody: { stream_options: { include_usage: false } } });
    expect(own.buildRequest(QUESTION, NONE).body.match(/"stream_options"/g)).toHaveLength(1);
  });

  it("asking for a stream is refused for an API whose streams are binary", () => {
    expect(() => bedrock({ ...options, region: "eu-central-1", stream: true })).toThrow(
      "Cannot stream answers of Amazon Bedrock",
    );
  });
});

describe("the form of the answer", () => {
  const AMEND = (amendment: string) => ({ verdict: "amend", amendment, keepsRequest: true });
  const judged = (provider: Provider, status: number, body: object, amendments = NONE): unknown => {
    const answer = provider.readResponse(json(status, body), amendments);
    return answer.ok ? answer : answer.rejection;
  };

  it.each([
    ["This model only support stream mode, please enable the stream parameter to access the model. ", 400],
    ["Stream must be set to true", 400],
    ["Requests with max_tokens > 4096 must have stream=true", 400],
    ["parameter.enable_thinking must be set to false for non-streaming calls", 400],
    ["Non-streaming requests are not supported for this model", 422],
    ["Streaming is required for this model", 400],
  ])("the wanted form of the answer becomes a stream where the server demands it: %s", (message, status) => {
    for (const provider of Object.values(PROVIDERS))
      expect(judged(provider, status, { error: { message } })).toMatchObject(AMEND("stream:on"));
    expect(judged(PROVIDERS.chat, status, { detail: message })).toMatchObject(AMEND("stream:on"));
    expect(judged(PROVIDERS.chat, status, { error: { message } }, new Set(["stream:on"]))).toMatchObject({
      verdict: "fail",
    });
  });

  it.each([504, 524])(
    "the wanted form of the answer becomes a stream after a gateway has cut an answer off with %d, once",
    (status) => {
      for (const provider of Object.values(PROVIDERS)) {
        expect(judged(provider, status, { message: "timeout" })).toMatchObject({
          ...AMEND("stream:on"),
          code: "SERVER_ERROR",
        });
        for (const known of ["stream:on", "stream:off"])
          expect(judged(provider, status, { message: "timeout" }, new Set([known]))).toMatchObject({
            verdict: "retry",
          });
      }
      const busy = json(status, { message: "timeout" }, { "retry-after": "2" });
      expect(PROVIDERS.chat.readResponse(busy, NONE)).toMatchObject({ rejection: { verdict: "retry" } });
    },
  );

  it("the wanted form of the answer stays as it is after other errors, and where the API has no other", () => {
    for (const [status, message] of [
      [502, "Bad gateway"],
      [500, "internal"],
      [400, "The prompt 'upstream must agree' is not valid"],
    ] as const)
      expect(judged(PROVIDERS.chat, status, { error: { message } })).not.toMatchObject({
        amendment: "stream:on",
      });
    const aws = bedrock({ ...options, region: "eu-central-1" });
    expect(judged(aws, 504, { message: "timeout" })).toMatchObject({ verdict: "retry" });
  });

  it.each([
    [
      400,
      {
        error: {
          message: "Unknown parameter: 'stream_options'.",
          param: "stream_options",
          code: "unknown_parameter",
        },
      },
      "omit:stream_options",
    ],
    [
      400,
      {
        error: {
          message: "property 'stream_options' is unsupported, did you mean 'stream'?",
          type: "invalid_request_error",
        },
      },
      "omit:stream_options",
    ],
    [
      422,
      {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "stream_options", "include_usage"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
      "omit:stream_options",
    ],
    [
      400,
      {
        error: {
          message:
            "Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.",
          param: "stream",
          code: "unsupported_value",
        },
      },
      "stream:off",
    ],
    [
      500,
      { error: { code: 500, message: "Cannot use tools with stream", type: "server_error" } },
      "stream:off",
    ],
    [
      400,
      { error: { message: "response_format json_object is not supported with streaming" } },
      "stream:off",
    ],
    [400, { error: { message: "Streaming is not supported for this model" } }, "stream:off"],
  ])("a stream is asked for without what the server refuses of it: %d %j", (status, body, amendment) => {
    expect(judged(PROVIDERS.chat, status, body, new Set(["stream:on"]))).toMatchObject(AMEND(amendment));
    const optional = openai({ ...options, stream: true });
    expect(judged(optional, status, body)).toMatchObject(AMEND(amendment));
  });
});
