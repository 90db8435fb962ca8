import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { llamaCpp } from "@parallel-parrot/providers";
import { describe, expect, it, onTestFinished } from "vitest";
import { prompts } from "../../fixtures/prompts.ts";
import { completionStream } from "../completion-stream.ts";

interface Seen {
  readonly baseUrl: string;
  /** For each question: how many were in progress with it, and how many had been answered before. */
  readonly questions: { readonly inFlight: number; readonly answered: number }[];
  /** The keys with which the slots were asked for. */
  readonly keys: (string | undefined)[];
}

/** The server of llama.cpp, as its README describes it: `/props` has `total_slots`. */
async function llamaServer(answerProps: (() => { status: number; body: string }) | "never"): Promise<Seen> {
  const seen: Omit<Seen, "baseUrl"> = { questions: [], keys: [] };
  let [inFlight, answered] = [0, 0];
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      if (request.url === "/props") {
        seen.keys.push(request.headers.authorization);
        if (answerProps === "never") return response.socket?.destroy();
        const { status, body } = answerProps();
        return response.writeHead(status, { "content-type": "application/json" }).end(body);
      }
      inFlight++;
      seen.questions.push({ inFlight, answered });
      const body = JSON.stringify({ choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] });
      const answer = async (): Promise<void> => {
        // Whatever else was sent at the same time arrives first.
        for (let n = 0; n < 20; n++) await turn();
        inFlight--;
        answered++;
        response.writeHead(200, { "content-type": "application/json" }).end(body);
      };
      return void answer();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

async function ask({ baseUrl }: Seen): Promise<number> {
  const provider = llamaCpp({ model: "m", apiKey: "k", baseUrl });
  const rows = ReadableStream.from(prompts(16)).pipeThrough(completionStream(provider));
  const items = await Array.fromAsync(rows);
  return items.filter((item) => "completion" in item).length;
}

describe("the slots of a llama.cpp server", () => {
  it("the slots of a llama.cpp server are the number of requests in flight to begin with, asked for once with the key", async () => {
    const server = await llamaServer(() => ({
      status: 200,
      body: '{"total_slots":2,"model_path":"m.gguf"}',
    }));
    expect(await ask(server)).toBe(16);
    expect(server.keys).toEqual(["Bearer k"]);
    // Each answer lets one more be tried.
    for (const { inFlight, answered } of server.questions) expect(inFlight).toBeLessThanOrEqual(2 + answered);
  });

  it.each([
    ["with another status", () => ({ status: 401, body: '{"error":{"message":"Invalid API Key"}}' })],
    ["without a number", () => ({ status: 200, body: '{"role":"router"}' })],
    ["with a number that cannot be", () => ({ status: 200, body: '{"total_slots":-1}' })],
    ["with something else", () => ({ status: 200, body: "<html>" })],
    ["by closing the connection", "never" as const],
  ])(
    "the question for a llama.cpp server's slots may be answered %s, and all rows are asked all the same",
    async (_what, answerProps) => {
      const server = await llamaServer(answerProps);
      expect(await ask(server)).toBe(16);
      expect(server.keys).toHaveLength(1);
    },
  );
});
