import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { CohereClientV2 } from "cohere-ai";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../index.ts";

const MODEL = "m";
const messages = [{ role: "user", content: "Why is the sky blue? 🦜 Größe" }] as const;
const TOOL = {
  name: "pets",
  parameters: {
    type: "object",
    properties: { name: { type: "string" }, legs: { type: "integer" } },
    required: ["name", "legs"],
    additionalProperties: false,
  },
};

/** The whole answer and the stream of it must say the same. */
async function both<T>(
  ask: (simulator: Simulator) => Promise<readonly [T, T]>,
): Promise<readonly [whole: unknown, stream: unknown]> {
  await using simulator = await startSimulator();
  const [whole, stream] = await ask(simulator);
  return [toldBy(whole), toldBy(stream)];
}

/** The libraries write what is not there in their own ways, and the ids follow from the whole request. */
function told(name: string, value: unknown): unknown {
  return value === null || OWN.has(name) ? undefined : value;
}
function toldBy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), told);
}
const OWN: ReadonlySet<string> = new Set(["id", "signature", "parsed", "parsed_arguments"]);

describe("what the official SDKs make of a stream of the simulator, and of the same answer in one piece", () => {
  it.each<[string, object]>([
    ["a text", {}],
    ["several choices", { n: 3 }],
    [
      "a tool call",
      {
        tools: [{ type: "function", function: TOOL }],
        tool_choice: { type: "function", function: { name: "pets" } },
      },
    ],
  ])(
    "the official SDK reads the same from a stream as in one piece for Chat Completions: %s",
    async (_name, more) => {
      const [whole, stream] = await both(async ({ baseUrl }) => {
        const client = new OpenAI({ apiKey: "sim-key", baseURL: baseUrl });
        const asked = { model: MODEL, messages: [...messages], ...more };
        const stream = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
        const [whole, streamed] = [
          await client.chat.completions.create(asked),
          await stream.finalChatCompletion(),
        ];
        return [
          { ...whole, id: "" },
          { ...streamed, id: "" },
        ];
      });
      expect(stream).toEqual(whole);
    },
  );

  it("the official SDK reads the same from a stream as in one piece for the Responses API", async () => {
    const [whole, stream] = await both(async ({ baseUrl }) => {
      const client = new OpenAI({ apiKey: "sim-key", baseURL: baseUrl });
      const asked = { model: MODEL, input: [...messages] };
      const streamed = await client.responses.stream(asked).finalResponse();
      const whole = await client.responses.create(asked);
      return [whole.output_text, streamed.output_text];
    });
    expect(stream).toEqual(whole);
  });

  it.each<[string, object]>([
    ["a text", {}],
    [
      "a tool call",
      {
        tools: [{ name: TOOL.name, input_schema: TOOL.parameters }],
        tool_choice: { type: "tool", name: "pets" },
      },
    ],
    ["thoughts", { thinking: { type: "enabled", budget_tokens: 1024 } }],
  ])(
    "the official SDK reads the same from a stream as in one piece for Messages: %s",
    async (_name, more) => {
      const [whole, stream] = await both(async ({ urls }) => {
        const client = new Anthropic({ apiKey: "sim-key", baseURL: urls.anthropic });
        const asked = { model: MODEL, max_tokens: 2000, messages: [...messages], ...more };
        const streamed = await client.messages.stream(asked).finalMessage();
        const whole = await client.messages.create(asked);
        return [whole, streamed];
      });
      expect(stream).toEqual(whole);
    },
  );

  it("the official SDK reads the same text from a stream as in one piece for Gemini", async () => {
    const [whole, stream] = await both(async ({ urls }) => {
      const client = new GoogleGenAI({ apiKey: "sim-key", httpOptions: { baseUrl: urls.gemini } });
      const asked = { model: MODEL, contents: messages[0].content };
      const whole = await client.models.generateContent(asked);
      let text = "";
      for await (const chunk of await client.models.generateContentStream(asked)) text += chunk.text ?? "";
      return [whole.text, text];
    });
    expect(stream).toEqual(whole);
  });

  it("the official SDK reads the same text from a stream as in one piece for Ollama", async () => {
    const [whole, stream] = await both(async ({ urls }) => {
      const client = new Ollama({ host: urls.ollama });
      const asked = { model: MODEL, messages: [...messages] };
      const { message } = await client.chat(asked);
      let text = "";
      for await (const chunk of await client.chat({ ...asked, stream: true })) text += chunk.message.content;
      return [message.content, text];
    });
    expect(stream).toEqual(whole);
  });

  it("the official SDK reads the same text from a stream as in one piece for Cohere", async () => {
    const [whole, stream] = await both(async ({ urls }) => {
      const client = new CohereClientV2({ token: "sim-key", environment: urls.cohere });
      const asked = { model: MODEL, messages: [...messages] };
      const { message } = await client.chat(asked);
      const whole = message.content?.map((part) => (part.type === "text" ? part.text : "")).join("");
      let text = "";
      for await (const event of await client.chatStream(asked))
        if (event.type === "content-delta") text += event.delta?.message?.content?.text ?? "";
      return [whole, text];
    });
    expect(stream).toEqual(whole);
  });
});

describe("faults of streams", () => {
  const ask = async (simulator: Simulator, more: object = {}): Promise<string> => {
    const response = await fetch(`${simulator.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer sim-key", "content-type": "application/json" },
      body: JSON.stringify({ model: MODEL, messages, ...more }),
    });
    return `${response.status} ${response.headers.get("content-type")} ${await response.text()}`;
  };

  it("the simulator's faults of streams are a stream that nobody asked for, one that breaks off, and one with an error in the middle", async () => {
    await using simulator = await startSimulator({
      faults: [{ kind: "stream" }, { kind: "streamBreak" }, { kind: "streamError" }],
    });
    expect(await ask(simulator)).toMatch(/^200 text\/event-stream.*data: \[DONE\]\n\n$/s);
    const broken = await ask(simulator);
    expect(broken).toMatch(/^200 text\/event-stream/);
    expect(broken).not.toContain("[DONE]");
    expect(await ask(simulator)).toMatch(/data: \{"error":\{.*overloaded[^\n]*\n\n$/s);
  });

  it("the fault streamOnly refuses a request that does not ask for a stream", async () => {
    await using simulator = await startSimulator({ faults: () => ({ kind: "streamOnly" }) });
    expect(await ask(simulator)).toMatch(/^400 application\/json .*Stream must be set to true/);
    expect(await ask(simulator, { stream: true })).toMatch(/^200 text\/event-stream/);
  });

  it("the fault wrapped puts the answer inside another object", async () => {
    await using simulator = await startSimulator({
      faults: [
        { kind: "wrapped" },
        { kind: "wrapped", form: "result" },
        { kind: "wrapped", form: "response" },
      ],
    });
    expect(await ask(simulator)).toContain('"data":{"id"');
    expect(await ask(simulator)).toContain('{"result":{"id"');
    expect(await ask(simulator)).toContain('"response":{"id"');
  });

  it("the fault stream is refused by an API that does not stream", async () => {
    await using simulator = await startSimulator({ faults: () => ({ kind: "stream" }) });
    const response = await fetch(`${simulator.urls.bedrock}/model/m/converse`, {
      method: "POST",
      body: "{}",
    });
    expect([response.status, await response.text()]).toEqual([
      501,
      expect.stringContaining("does not stream"),
    ]);
  });
});
