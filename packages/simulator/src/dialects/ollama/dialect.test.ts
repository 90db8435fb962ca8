import { Ollama, type ChatRequest } from "ollama";
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

function clientOf({ urls }: Simulator): Ollama {
  return new Ollama({ host: urls.ollama });
}

function ask(content: string, more: Partial<ChatRequest> = {}): ChatRequest & { stream: false } {
  return { model: "llama-test", messages: [{ role: "user", content }], ...more, stream: false };
}

describe("the Ollama SDK", () => {
  it("the simulator gives the Ollama SDK an answer without a key", async () => {
    const simulator = await start();
    expect(await clientOf(simulator).chat(ask("The sea is blue."))).toMatchObject({
      model: "llama-test",
      message: { role: "assistant", content: "The sea is blue." },
      done: true,
      done_reason: "stop",
      prompt_eval_count: 11,
      eval_count: 4,
    });
    expect(simulator.ledger.entries).toMatchObject([{ keyIsRight: true, dialect: "ollama" }]);
  });

  it("the simulator gives the Ollama SDK structured output that it can parse", async () => {
    const client = clientOf(await start());
    const { message } = await client.chat(ask(GOOD_NEWS, { format: SENTIMENT_SCHEMA }));
    expect(JSON.parse(message.content)).toEqual({ title: "The sea", sentiment: "positive" });
    const loose = await client.chat(ask(`Answer with the key "title".\n\n${GOOD_NEWS}`, { format: "json" }));
    expect(JSON.parse(loose.message.content)).toEqual({ title: "The sea" });
  });

  it("the simulator tells the Ollama SDK about an image", async () => {
    const messages = [{ role: "user", content: "What is it?", images: [PIXEL] }];
    const { message, prompt_eval_count } = await clientOf(await start()).chat({ ...ask(""), messages });
    expect(message.content).toBe(PIXEL_ANSWER);
    expect(prompt_eval_count).toBe(3 + 4 + 3 + 256);
  });

  it("the simulator accepts Ollama's options, and -1 as no limit", async () => {
    const client = clientOf(await start());
    const cut = await client.chat(ask("The sea is blue.", { options: { num_predict: 2 } }));
    expect(cut).toMatchObject({ message: { content: "The sea " }, done_reason: "length" });
    const stopped = await client.chat(
      ask("The sea is blue.", { options: { num_predict: -1, stop: [" is"] } }),
    );
    expect(stopped).toMatchObject({ message: { content: "The sea" }, done_reason: "stop" });
  });

  it("the simulator gives the Ollama SDK thoughts if it asks for them", async () => {
    const { message } = await clientOf(await start()).chat(ask("Blue.", { think: true }));
    expect(message).toMatchObject({ content: "Blue.", thinking: expect.stringMatching(/\w/) });
  });

  it("the simulator cuts a prompt that is too long for Ollama, unless the request forbids it", async () => {
    const client = clientOf(await start({ contextTokens: 20 }));
    expect(await client.chat(ask("x".repeat(400)))).toMatchObject({ prompt_eval_count: 20 });
    const uncut = { ...ask("x".repeat(400)), truncate: false };
    const refused = await thrown(client.chat(uncut));
    expect(refused).toMatchObject({ status_code: 400, error: "the input length exceeds the context length" });
  });

  it("the simulator makes the Ollama SDK throw its own errors", async () => {
    const simulator = await start({
      models: ["llama-test"],
      limits: { requestsPerMinute: 1 },
      faults: [
        { kind: "status", status: 503 },
        { kind: "status", status: 401 },
      ],
    });
    const client = clientOf(simulator);
    const errors: unknown[] = [];
    for (const request of [ask("Hi"), ask("Hi"), ask("Hi", { model: "gone" }), ask("Hi", { format: "yaml" })])
      errors.push(await thrown(client.chat(request)));
    await client.chat(ask("Hi"));
    errors.push(await thrown(client.chat(ask("Hi"))));
    expect(errors).toMatchObject([
      {
        name: "ResponseError",
        status_code: 503,
        error: "server busy, please try again.  maximum pending requests exceeded",
      },
      { name: "ResponseError", status_code: 401 },
      { name: "ResponseError", status_code: 404, error: "model 'gone' not found" },
      { name: "ResponseError", status_code: 400, error: expect.stringContaining('invalid format: "yaml"') },
      { name: "ResponseError", status_code: 429, error: "too many requests" },
    ]);
  });

  it.each<[Fault, object]>([
    [{ kind: "failed" }, { done_reason: "load", message: { content: "" } }],
    [{ kind: "emptyContent" }, { done_reason: "stop", message: { content: "" } }],
    [{ kind: "lengthCutOff" }, { done_reason: "length", message: { content: "Blu" } }],
    [
      { kind: "thinking", tokens: 7 },
      { message: { content: "Blue." }, eval_count: 9 },
    ],
    [{ kind: "errorInside" }, { error: "llama runner process has terminated" }],
  ])("the simulator gives the Ollama SDK an answer with the fault %j", async (fault, answer) => {
    expect(await clientOf(await start({ faults: [fault] })).chat(ask("Blue."))).toMatchObject(answer);
  });
});

describe("ollamaDialect", () => {
  it.each<[object, string]>([
    [{ model: undefined }, "model is required"],
    [
      { messages: "Hi" },
      "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []",
    ],
    [
      { messages: [{ role: "robot" }] },
      "invalid role: robot, must be one of [system, user, assistant, tool]",
    ],
    [{ options: { temperature: "hot" } }, 'option "temperature" must be of type float32'],
    [{ options: { stop: "x" } }, 'option "stop" must be of type []'],
    [{ messages: [{ role: "user", content: "", images: ["x"] }] }, "Failed to load image or audio file"],
  ])("the simulator refuses an Ollama request with %j", async (change, error) => {
    const response = await post(await start(), change);
    expect([response.status, await response.json()]).toEqual([400, { error }]);
  });

  it("the simulator ignores unknown fields of an Ollama request", async () => {
    const response = await post(await start(), { unknown: 1, options: { unknown: 2 } });
    expect(response.status).toBe(200);
  });

  function post({ urls }: Simulator, change: object): Promise<Response> {
    return fetch(`${urls.ollama}/api/chat`, {
      method: "POST",
      body: JSON.stringify({ ...ask("Hi"), ...change }),
    });
  }
});
