import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { openai } from "@parallel-parrot/providers";
import { onRequest, startSimulator, type Fault } from "@parallel-parrot/simulator";
import { completionStream, type CompletionOptions } from "../index.ts";

function ask(
  baseUrl: string,
  count: number,
  options: CompletionOptions = {},
): Promise<(Completed | Failed)[]> {
  const rows = Array.from({ length: count }, (_, index): Prompted => {
    return { index, row: {}, prompt: { messages: [{ role: "user", content: `Question ${index}` }] } };
  });
  const provider = openai({ model: "sim", baseUrl, apiKey: "sim-key" });
  return readAll(sourceOf(rows).pipeThrough(completionStream(provider, options)));
}

const ANSWER = JSON.stringify({
  model: "sim",
  choices: [{ message: { content: "42" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
});

/** A server that answers when it is told to, and sets no timer. */
async function startPatientServer() {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => held.push(response));
  });
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async next(): Promise<ServerResponse> {
      for (;;) {
        const response = held.shift();
        if (response !== undefined) return response;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Lets sockets do what they have to: they take no part in the false time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const MINUTE_MS = 60_000;

describe("an answer that takes longer than undici's five minutes", () => {
  // Once for all: undici keeps one timer for everything.
  beforeAll(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterAll(() => void vi.useRealTimers());

  /** Ten minutes before the headers and as long in the middle of the body. */
  async function answerSlowly(options: CompletionOptions): Promise<(Completed | Failed)[]> {
    await using server = await startPatientServer();
    const asking = ask(server.baseUrl, 1, { attemptTimeoutMs: 30 * MINUTE_MS, maxAttempts: 1, ...options });
    asking.catch(() => undefined);
    const response = await server.next();
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    await settle();
    response.writeHead(200, { "content-type": "application/json", "content-length": ANSWER.length });
    response.write(ANSWER.slice(0, 20));
    await settle();
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    await settle();
    response.end(ANSWER.slice(20));
    return asking;
  }

  it("a run awaits an answer that takes ten minutes before its headers and in the middle of its body", async () => {
    const [item] = await answerSlowly({});
    expect(item).toMatchObject({ completion: { choices: [{ text: "42" }], attempts: 1 } });
  });

  it.each([
    [{ bodyTimeout: 0 }, "UND_ERR_HEADERS_TIMEOUT"],
    [{ headersTimeout: 0 }, "UND_ERR_BODY_TIMEOUT"],
  ])("an agent with undici's own timers would give up a long answer (%j)", async (timers, code) => {
    await using dispatcher = Object.assign(new Agent(timers), {
      [Symbol.asyncDispose]: () => dispatcher.destroy(),
    });
    await expect(answerSlowly({ dispatcher })).rejects.toMatchObject({
      message: expect.stringContaining(code),
    });
  });
});

// Only when asked for: PARROT_LONG_TESTS=1.
describe.runIf(process.env["PARROT_LONG_TESTS"] === "1")("an answer in real time", () => {
  const late = 310_000;

  it.each<[string, Fault]>([
    ["the headers", { kind: "delay", ms: late }],
    ["the rest of the body", { kind: "drip", bytes: 250, everyMs: late }],
  ])(
    "a run awaits an answer in real time where %s come after 310 s",
    async (_, fault) => {
      await using simulator = await startSimulator({
        answer: () => "x".repeat(20),
        faults: onRequest(2, fault),
      });
      const start = performance.now();
      const items = await ask(simulator.baseUrl, 2);
      expect(items.filter(isFailed)).toEqual([]);
      expect(simulator.ledger.received).toBe(2);
      expect(performance.now() - start).toBeGreaterThanOrEqual(late - 1000);
    },
    900_000,
  );
});
