// @module-tag slow

import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createAgent } from "./agent.ts";
import { createHttpClient } from "./http-client.ts";
import { InFlight } from "./in-flight.ts";
import { Patience } from "../waiting/patience.ts";

/** A server that answers at once, but for the path /held, which it answers when it is told to. */
async function startServer() {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/held") held.push(response);
    else response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    held,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A client that waits so long for an answer, or a third of that where it has learned that others are fast. */
function clientOf(origin: string, usualMs: number) {
  const patience = new Patience(undefined, usualMs);
  const inFlight = new InFlight(patience);
  const dispatcher = createAgent();
  const client = createHttpClient({ dispatcher, inFlight, maxBytes: 1000 });
  const { signal } = new AbortController();
  const post = (path: string) =>
    client.post({ method: "POST", url: `${origin}${path}`, headers: {}, body: "{}" }, {}, signal);
  return {
    inFlight,
    post,
    /** Sends so many requests that are answered, one after the other. */
    async answer(count: number) {
      for (let sent = 0; sent < count; sent++) {
        await post("/fast");
        patience.answered(1);
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

describe("an answer that does not come", () => {
  it("an answer that does not come is given up sooner where many others came meanwhile, and the error says what those took", async () => {
    await using server = await startServer();
    await using client = clientOf(server.origin, 6000);
    await client.answer(90);
    const late = client.post("/held").catch((error: unknown) => error);
    await client.answer(20);
    expect(await late).toMatchObject({
      kind: "TIMEOUT",
      message: "No complete answer within 2000 ms, while others took 1 ms at most (110 answers so far)",
    });
    expect(client.inFlight.oldest).toBeUndefined();
  });

  it("an answer that does not come is waited for as long as ever where the others do not come either", async () => {
    await using server = await startServer();
    await using client = clientOf(server.origin, 600);
    await client.answer(110);
    const late = client.post("/held").catch((error: unknown) => error);
    expect(await late).toMatchObject({
      kind: "TIMEOUT",
      message: expect.stringMatching(/^No complete answer within 600 ms/),
    });
  });

  it("an answer that does not come is known as the one that was sent first", async () => {
    await using server = await startServer();
    await using client = clientOf(server.origin, 600_000);
    const first = client.post("/held");
    const { oldest } = client.inFlight;
    await client.answer(3);
    expect(oldest).toBeDefined();
    expect(client.inFlight.oldest).toBe(oldest);
    server.held[0]?.end("{}");
    expect((await first).status).toBe(200);
    expect(client.inFlight.oldest).toBeUndefined();
  });
});
