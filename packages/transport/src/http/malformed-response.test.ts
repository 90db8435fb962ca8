import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai } from "@parallel-parrot/providers";
import { createAgent } from "./agent.ts";
import { completionStream, createLimiter, createScaledClock } from "../index.ts";
import { PATIENT } from "../../fixtures/run-pool.ts";

const CANARY = "canary-51e27f3a9c";
const ROWS = 60;

/** An answer as it should be. */
function response(text: string): string {
  const body = JSON.stringify({
    choices: [{ message: { content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 5, completion_tokens: 1 },
  });
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

const BODY = "{}";

/** What a server may send in place of a response. */
const MALFORMED: readonly (readonly [what: string, bytes: string])[] = [
  ["a line that is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n"],
  ["a status below 100", "HTTP/1.1 42 OK\r\ncontent-length: 0\r\n\r\n"],
  ["another version", "HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n"],
  ["a header without a colon", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"],
  ["a header with a NUL", "HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n"],
  ["a header name with a blank", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n"],
  ["a length that is no number", `HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n${BODY}`],
  ["a negative length", `HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n${BODY}`],
  ["two lengths", `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n${BODY}`],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  [
    "a bad chunk extension",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;\0\r\nhello\r\n0\r\n\r\n",
  ],
  [
    "a chunk size that overflows",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
  ],
  ["a chunk size that is no number", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
  [
    "a chunk that is longer than it says",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
  ],
  ["a chunked body that is cut off", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel"],
  ["a TLS alert", "\u0015\u0003\u0001\0\u0002\u0002("],
  ["headers of 200 kB", `HTTP/1.1 200 OK\r\na: ${"b".repeat(200_000)}\r\n\r\n`],
  [
    "a switch to another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
  ],
  ["nothing at all", ""],
  ["half a status line", "HTTP/1.1 2"],
  [
    "a body that is not gzip",
    `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  ],
  [
    "a second answer behind half of the first",
    `${response("another's").slice(0, -9)}${response("another's")}`,
  ],
  ["an answer with the key in a header that is none", `HTTP/1.1 200 OK\r\n${CANARY}\r\n\r\n`],
];

let closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** Answers; but where a row is refused it sends these bytes and closes the connection: every fifth row once. */
async function serve(
  bytes: string,
  isRefused: (row: string, times: number) => boolean = (row, times) => Number(row) % 5 === 3 && times === 0,
): Promise<{ readonly baseUrl: string; readonly asked: () => number }> {
  const sockets = new Set<Socket>();
  const refused = new Map<string, number>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
      const row = /Document (\d+)\./.exec(received)?.[1];
      if (row === undefined) return;
      received = "";
      asked += 1;
      const times = refused.get(row) ?? 0;
      if (!isRefused(row, times)) {
        socket.write(response(`Answer ${row}`));
        return;
      }
      refused.set(row, times + 1);
      socket.end(Buffer.from(bytes, "latin1"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked: () => asked };
}

async function run(baseUrl: string, apiKey = CANARY): Promise<(Completed | Failed)[]> {
  const agent = createAgent();
  closing.push(() => agent.destroy());
  const prompts = Array.from({ length: ROWS }, (_, index): Prompted => {
    const messages = [{ role: "user", content: `Document ${index}.` }] as const;
    return { index, row: { id: index }, prompt: { messages } };
  });
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
    limiter: createLimiter({ clock: createScaledClock(200) }),
    ...PATIENT,
    dispatcher: agent,
  });
  const items: (Completed | Failed)[] = [];
  for await (const item of sourceOf(prompts).pipeThrough(stage)) items.push(item);
  return items;
}

describe("a response that is not HTTP, or no response", () => {
  it.each(MALFORMED)("%s costs an attempt, but neither the row nor the run", async (_what, bytes) => {
    const server = await serve(bytes);
    const items = await run(server.baseUrl);
    expect(items.filter(isFailed)).toEqual([]);
    expect(items.map((item) => ("completion" in item ? item.completion.choices[0]?.text : item))).toEqual(
      Array.from({ length: ROWS }, (_, index) => `Answer ${index}`),
    );
    expect(server.asked()).toBeGreaterThanOrEqual(ROWS);
  });

  it("a malformed response leaves no bytes in an error, as they may echo the key", async () => {
    const server = await serve(`HTTP/1.1 200 OK\r\n${CANARY}\r\n\r\n`, () => true);
    const error: unknown = await run(server.baseUrl).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "NOT_THE_API" });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(CANARY);
  });

  it("a second response is not taken for the answer to the next request", async () => {
    const server = await serve(`${response("fine")}${response("another's")}`);
    const items = await run(server.baseUrl);
    const texts = items.flatMap((item) => ("completion" in item ? item.completion.choices : []));
    expect(texts.map(({ text }) => text)).not.toContain("another's");
    expect(texts).toHaveLength(ROWS);
  });
});

it("a run stops where a header cannot be sent, and does not show the header", async () => {
  const server = await serve("");
  const error: unknown = await run(server.baseUrl, `${CANARY}\nx: y`).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "ParrotError" });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(CANARY);
  expect(server.asked()).toBe(0);
});
