// @module-tag slow
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { array, asyncProperty, assert, integer } from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { isFailed } from "@parallel-parrot/core";
import { memoryJournal, type Journal } from "@parallel-parrot/journal";
import {
  anthropic,
  azureOpenAI,
  cohere,
  gemini,
  mistral,
  ollama,
  openai,
  openaiResponses,
  vertex,
  type Provider,
} from "@parallel-parrot/providers";
import { startSimulator, type Fault, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { clock, runOne, type Outcome } from "../fixtures/run-pool.ts";
import { createBudget, createLimiter, type CompletionOptions } from "./index.ts";

/** Runs rows with time four hundred times as fast. */
async function run(provider: Provider, rows: number, options: CompletionOptions = {}) {
  const outcome = await runOne(provider, rows, {
    limiter: createLimiter({ clock }),
    maxTokens: 100,
    ...options,
  });
  return { ...outcome, amendments: outcome.stage.progress().amendments };
}

type Make = (simulator: Pick<Simulator, "baseUrl" | "urls">, stream?: boolean) => Provider;
const key = { model: "sim", apiKey: "sim-key" };
const chat: Make = ({ baseUrl }, stream = false) => openai({ ...key, baseUrl, stream });
const ANTHROPIC: Make = ({ urls }, stream = false) => anthropic({ ...key, baseUrl: urls.anthropic, stream });
const PROVIDERS: readonly (readonly [string, Make])[] = [
  ["openai", chat],
  ["openai-responses", ({ baseUrl }, stream = false) => openaiResponses({ ...key, baseUrl, stream })],
  [
    "azure-openai",
    ({ urls }, stream = false) => azureOpenAI({ ...key, baseUrl: `${urls.azure}/openai/v1`, stream }),
  ],
  ["anthropic", ANTHROPIC],
  ["gemini", ({ urls }, stream = false) => gemini({ ...key, baseUrl: urls.gemini, stream })],
  ["vertex", ({ urls }, stream = false) => vertex({ ...key, project: "p", baseUrl: urls.vertex, stream })],
  ["mistral", ({ urls }, stream = false) => mistral({ ...key, baseUrl: urls.mistral, stream })],
  ["cohere", ({ urls }, stream = false) => cohere({ ...key, baseUrl: urls.cohere, stream })],
  ["ollama", ({ urls }, stream = false) => ollama({ model: "sim", baseUrl: urls.ollama, stream })],
];

const textsOf = ({ items }: Outcome): unknown[] =>
  items.map((item) => (isFailed(item) ? item.failure : item.completion.choices));
const usagesOf = ({ items }: Outcome): unknown[] =>
  items.map((item) => (isFailed(item) ? item.failure : item.completion.usage));

const ROWS = 4;

describe.each(PROVIDERS)("answers of %s", (_name, make) => {
  it("streamed answers are the same as plain ones, whether the stream was asked for or not, with the same usage", async () => {
    await using simulator = await startSimulator();
    const whole = await run(make(simulator), ROWS);
    const asked = await run(make(simulator, true), ROWS);
    const entries = simulator.ledger.entries.slice(-ROWS);
    expect(whole.error).toBeUndefined();
    expect(
      entries.every(({ body, path }) => /"stream":true|streamGenerate/.test(JSON.stringify([body, path]))),
    ).toBe(true);
    await using other = await startSimulator({ faults: () => ({ kind: "stream" }) });
    const unasked = await run(make(other), ROWS);
    expect(textsOf(asked)).toEqual(textsOf(whole));
    expect(textsOf(unasked)).toEqual(textsOf(whole));
    expect(usagesOf(asked)).toEqual(usagesOf(whole));
    // Chat Completions tells the usage of a stream only to those who ask for it.
    const isTold = !JSON.stringify(entries[0]?.body).includes("stream_options");
    expect(usagesOf(unasked)).toEqual(isTold ? usagesOf(whole) : usagesOf(unasked));
  });

  it("streamed answers are asked for again where a stream breaks off or has an error in it", async () => {
    const faults: readonly Fault[] = [{ kind: "streamBreak" }, { kind: "streamError" }];
    await using simulator = await startSimulator({
      faults: ({ sequence }) => faults[sequence - 2],
    });
    const result = await run(make(simulator), ROWS, { concurrency: 1 });
    expect(result.error).toBeUndefined();
    expect(result.items.filter(isFailed)).toEqual([]);
    expect(simulator.ledger.received).toBe(ROWS + 2);
  });
});

describe("a stream whose server does not end the response", () => {
  it.each(["open", "reset"])(
    "a stream whose server does not end the response is an answer at its end, and is not asked for again: %s",
    async (then) => {
      const fault: Fault = { kind: "openEnd", reset: then === "reset" };
      await using simulator = await startSimulator({ faults: () => fault });
      for (const make of [chat, ANTHROPIC]) {
        const before = simulator.ledger.received;
        const result = await run(make(simulator, true), ROWS);
        expect(result.error).toBeUndefined();
        expect(result.items.filter(isFailed)).toEqual([]);
        expect(simulator.ledger.received - before).toBe(ROWS);
      }
    },
  );
});

const demands: FaultScript = () => ({ kind: "streamOnly" });

describe("a server that answers only with a stream", () => {
  it("a server that answers only with a stream is asked for one after the first refusal, for the rest of the run", async () => {
    await using simulator = await startSimulator({ faults: demands });
    const result = await run(chat(simulator), ROWS);
    expect(result.items.filter(isFailed)).toEqual([]);
    expect(result.amendments).toEqual(["stream:on"]);
    expect(simulator.ledger.received).toBe(ROWS + 1);
  });

  it("a server that answers only with a stream and refuses to tell the usage is asked without it", async () => {
    const refuses: FaultScript = ({ body }) =>
      JSON.stringify(body).includes("stream_options")
        ? { kind: "unsupportedParameter", name: "stream_options" }
        : { kind: "streamOnly" };
    await using simulator = await startSimulator({ faults: refuses });
    const result = await run(chat(simulator), ROWS);
    expect(result.items.filter(isFailed)).toEqual([]);
    expect(result.amendments).toEqual(["stream:on", "omit:stream_options"]);
    expect(simulator.ledger.received).toBe(ROWS + 2);
  });

  it("a server that never streams is asked for its answer in one piece", async () => {
    await using simulator = await startSimulator({
      faults: () => ({ kind: "unsupportedParameter", name: "stream" }),
    });
    const result = await run(chat(simulator, true), ROWS);
    expect(result.items.filter(isFailed)).toEqual([]);
    expect(result.amendments).toEqual(["stream:off"]);
  });
});

describe("a journal", () => {
  it("a journal has streamed answers in one piece, and finds them whether a stream is asked for or not", async () => {
    let faults: FaultScript = () => undefined;
    await using simulator = await startSimulator({ faults: (request) => faults(request) });
    const count = async (journal: Journal, stream: boolean): Promise<number> => {
      const before = simulator.ledger.received;
      const result = await run(chat(simulator, stream), ROWS, { journal });
      expect(result.error).toBeUndefined();
      expect(result.items.filter(isFailed)).toEqual([]);
      return simulator.ledger.received - before;
    };
    for (const stream of [true, false]) {
      const journal = memoryJournal();
      expect(await count(journal, stream)).toBe(ROWS);
      expect(await count(journal, !stream)).toBe(0);
      await journal.close();
    }
    faults = demands;
    const journal = memoryJournal();
    expect(await count(journal, false)).toBe(ROWS + 1);
    faults = () => undefined;
    expect(await count(journal, false)).toBe(0);
    expect(await count(journal, true)).toBe(0);
    await journal.close();
  });
});

const CHUNK = { id: "1", object: "chat.completion.chunk", model: "sim" };
const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
/** A stream as OpenAI's reference has it, with characters of two to four bytes. */
const STREAM = Buffer.from(
  [
    ": keep-alive\n\n",
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "Größe " }),
    chunk({ content: "€ 🦜" }),
    chunk({}, "stop"),
    `data: ${JSON.stringify({ ...CHUNK, choices: [], usage: { prompt_tokens: 5, completion_tokens: 3 } })}\n\n`,
    "data: [DONE]\n\n",
  ].join(""),
);
const TEXT = "Größe € 🦜";

type Answer = (body: { readonly stream?: boolean }, response: ServerResponse) => void | Promise<void>;

/** A small server of Chat Completions. Returns a provider that asks it. */
async function serve(answer: Answer): Promise<Provider> {
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => answer(JSON.parse(body), response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return openai({ ...key, baseUrl: `http://127.0.0.1:${port}/v1` });
}

function streamTo(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "content-type": "text/event-stream" });
}

async function written(response: ServerResponse, piece: Uint8Array): Promise<void> {
  await new Promise<void>((done) => response.write(piece, () => done()));
}

const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"       }\n\n';

function resetBehind(stream: Buffer): (response: ServerResponse) => Promise<void> {
  return async (response) => {
    await written(response, stream);
    // The client needs time to read it: a reset may discard data that it has not read.
    setTimeout(() => response.socket?.resetAndDestroy(), 50);
  };
}

describe("a stream of a server that is not ours", () => {
  it("a stream of a server that is not ours is the same answer wherever its bytes are split", async () => {
    let cuts: readonly number[] = [];
    const provider = await serve(async (_body, response) => {
      streamTo(response);
      response.socket?.setNoDelay(true);
      const places = [...cuts.map((cut) => cut % STREAM.length), STREAM.length].toSorted((a, b) => a - b);
      let from = 0;
      for (const to of places) {
        await written(response, STREAM.subarray(from, to));
        from = to;
      }
      response.end();
    });
    await assert(
      asyncProperty(array(integer({ min: 0, max: STREAM.length }), { maxLength: 12 }), async (places) => {
        cuts = places;
        const result = await run(provider, 1);
        expect(textsOf(result)).toEqual([[{ text: TEXT, finishReason: "stop" }]]);
      }),
      { numRuns: 50 },
    );
  });

  it("a stream of a server that is not ours is read where a gateway cuts off every answer that takes long, and no answer is asked for ten times", async () => {
    const asked: (boolean | undefined)[] = [];
    // A sixth of a second is a minute of the run's clock.
    const provider = await serve(async ({ stream }, response) => {
      asked.push(stream);
      if (stream === true) {
        streamTo(response).end(STREAM);
        return;
      }
      await new Promise((later) => setTimeout(later, 170));
      response.writeHead(504, { "content-type": "text/html" }).end("<html>504 Gateway Time-out</html>");
    });
    const result = await run(provider, ROWS);
    expect(result.items.filter(isFailed)).toEqual([]);
    expect(asked).toEqual([undefined, true, true, true, true]);
    expect(result.amendments).toEqual(["stream:on"]);
  });

  it("a stream of a server that is not ours is not asked for after a gateway's error that came at once", async () => {
    let requests = 0;
    const provider = await serve(({ stream }, response) => {
      requests += 1;
      const answer = { choices: [{ message: { content: String(stream) }, finish_reason: "stop" }] };
      if (requests === 2) response.writeHead(504).end();
      else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    // By the true clock: no busy machine makes ten seconds of it.
    const result = await run(provider, 2, { limiter: createLimiter() });
    expect(textsOf(result)).toMatchObject([[{ text: "undefined" }], [{ text: "undefined" }]]);
    expect(result.amendments).toEqual([]);
  });

  it("a stream of a server that is not ours ends with the time of one answer where it goes silent, and is asked for again", async () => {
    let requests = 0;
    const provider = await serve((_body, response) => {
      requests += 1;
      streamTo(response);
      if (requests === 1) response.write(STREAM.subarray(0, 120));
      else response.end(STREAM);
    });
    const result = await run(provider, 1, { attemptTimeoutMs: 250 });
    expect(textsOf(result)).toEqual([[{ text: TEXT, finishReason: "stop" }]]);
    expect(requests).toBeGreaterThan(1);
  });

  it.each<[string, (response: ServerResponse) => Promise<void>]>([
    [
      "in pieces, with the connection left open",
      async (response) => {
        for (const byte of STREAM) await written(response, Buffer.of(byte));
      },
    ],
    ["with a reset behind it", resetBehind(STREAM)],
    [
      "as Anthropic marks it, with a reset behind it",
      resetBehind(Buffer.from(`${STREAM.toString().split("data: [DONE]")[0]}${MESSAGE_STOP}`)),
    ],
  ])("a stream is complete at the mark of its end: %s", async (_what, answer) => {
    let requests = 0;
    const provider = await serve(async (_body, response) => {
      requests += 1;
      await answer(streamTo(response));
    });
    const result = await run(provider, 2, { budget: createBudget({ maxTokens: 1_000_000 }) });
    expect(textsOf(result)).toEqual(["a", "b"].map(() => [{ text: TEXT, finishReason: "stop" }]));
    expect(usagesOf(result)).toMatchObject(["a", "b"].map(() => ({ inputTokens: 5, outputTokens: 3 })));
    expect(requests).toBe(2);
  });

  it("a stream of a server that is not ours takes no more memory than any body may", async () => {
    const provider = await serve((_body, response) => {
      streamTo(response).end(chunk({ content: "x".repeat(3000) }));
    });
    const [item] = (await run(provider, 1, { maxResponseBytes: 2000 })).items;
    expect(item).toMatchObject({ failure: { code: "RESPONSE_TOO_LARGE" } });
  });

  it("a stream of a server that is not ours may have more values than a body may, if each of its events has few", async () => {
    const many = chunk({ content: "a" }).repeat(60_000);
    const provider = await serve((_body, response) => {
      streamTo(response).end(many + STREAM.toString());
    });
    const [item] = (await run(provider, 1)).items;
    expect(item).toMatchObject({ completion: { choices: [{ finishReason: "stop" }] } });
  });

  it("a stream of a server that is not ours may have cost what it can cost where it breaks off, and tells so", async () => {
    let requests = 0;
    const provider = await serve((_body, response) => {
      requests += 1;
      streamTo(response).end(requests === 2 ? STREAM.subarray(0, 200) : STREAM);
    });
    const budget = createBudget({ maxTokens: 1_000_000 });
    const result = await run(provider, 2, { budget, concurrency: 1 });
    expect(result.items.filter(isFailed)).toEqual([]);
    expect(budget.state.lost.requests).toBe(1);
  });

  it("a stream of a server that is not ours stops the run in its own words where the first answers all break off", async () => {
    const provider = await serve((_body, response) => {
      streamTo(response).end(STREAM.subarray(0, 200));
    });
    expect((await run(provider, 2)).error).toMatchObject({
      code: "SETUP_FAILED",
      message: expect.stringContaining("the stream of the answer broke off before its end"),
    });
  });
});
