// @module-tag slow

import { describe, expect, it, onTestFinished } from "vitest";
import { BEHAVIOURS, type Behaviour } from "../../../fixtures/hostile-behaviours.ts";
import { CERTIFICATE, startHostileServer } from "../../../fixtures/hostile-server.ts";
import { Patience } from "../../waiting/patience.ts";
import { createAgent } from "../agent.ts";
import { createHttpClient } from "../http-client.ts";
import { HttpError } from "../http-error.ts";
import { InFlight } from "../in-flight.ts";
import { StreamingClient, type StreamedRequest } from "./streaming-client.ts";

const MAX_BYTES = 32 * 2 ** 20;
const { signal } = new AbortController();

/** What a request came to, without what differs between two attempts. */
async function outcomeOf(sent: Promise<unknown>): Promise<unknown> {
  try {
    return await sent;
  } catch (error) {
    if (!(error instanceof HttpError)) return { unexpected: error };
    const { kind, wasSent, message } = error;
    // Which of two limits is over first is told in other words.
    return { kind, wasSent, message: kind === "TIMEOUT" ? "" : message };
  }
}

/** Both clients, over agents of their own, and a request that meets the behaviour. */
async function meet({ level, onConnection, respond, attemptTimeoutMs }: Behaviour) {
  const behaviour: Behaviour = { level, name: "", ending: "answered", ...(respond && { respond }) };
  const server = await startHostileServer({
    isEncrypted: level === "TLS",
    script: () => (respond === undefined ? undefined : behaviour),
    ...(onConnection && { onConnection: () => ({ ...behaviour, onConnection }) }),
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const agentOf = () => {
    const agent = createAgent({ connectTimeoutMs: 1000, connect: { ca: CERTIFICATE } });
    onTestFinished(() => agent.destroy());
    return agent;
  };
  const ms = attemptTimeoutMs ?? 20_000;
  const request = {
    method: "POST",
    url: `${server.baseUrl}/chat/completions`,
    headers: {},
    body: '{"messages":[{"role":"user","content":"Document 2."}]}',
  } as const satisfies StreamedRequest;
  const ordinary = createHttpClient({
    dispatcher: agentOf(),
    inFlight: new InFlight(new Patience(ms)),
    maxBytes: MAX_BYTES,
  });
  const streaming = () =>
    new StreamingClient({ dispatcher: agentOf(), stallMs: ms, answerMs: ms, maxBytes: MAX_BYTES });
  return {
    ordinary: () => ordinary.post(request, {}, signal),
    whole: async () => (await streaming().send(request, signal)).whole(),
    lines: async () => {
      const response = await streaming().send(request, signal);
      const lines = response.lines({
        maxLineBytes: MAX_BYTES,
        maxBytes: MAX_BYTES,
        onTooLong: () => undefined,
      });
      return Array.fromAsync(lines);
    },
  };
}

describe.each(["TLS", "HTTP", "body"] as const)("a hostile server, at the level of %s", (level) => {
  it.each(BEHAVIOURS.filter((each) => each.level === level).map((each) => [each.name, each] as const))(
    `a hostile server, at the level of ${level} that %s, is told of in the same words where a response is streamed`,
    async (_, behaviour) => {
      const clients = await meet(behaviour);
      const sent = [clients.ordinary(), clients.whole(), clients.lines()];
      const [ordinary, whole, lines] = await Promise.all(sent.map((each) => outcomeOf(each)));
      expect(ordinary).not.toHaveProperty("unexpected");
      expect(whole).toEqual(ordinary);
      expect(lines).not.toHaveProperty("unexpected");
    },
  );
});
