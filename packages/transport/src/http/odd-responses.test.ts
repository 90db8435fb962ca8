import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type Fault } from "@parallel-parrot/simulator";
import { cert, plain, tls, type Backend, type Respond } from "../../fixtures/backend.ts";
import { createAgent } from "./agent.ts";
import { completionStream, createLimiter, createScaledClock } from "../index.ts";
import { PATIENT } from "../../fixtures/run-pool.ts";

const ROWS = 3;
const PATH = "/v1/chat/completions";
const ANSWER = JSON.stringify({
  choices: [{ message: { content: "Zoë" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 1 },
});

async function run(baseUrl: string, apiKey = "sim-key"): Promise<(Completed | Failed)[]> {
  const agent = createAgent({ connect: { ca: cert } });
  onTestFinished(() => agent.destroy());
  const prompts = Array.from({ length: ROWS }, (_, index): Prompted => {
    const messages = [{ role: "user", content: `Summarise document ${index}.` }] as const;
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

async function textsOf(baseUrl: string): Promise<unknown[]> {
  const items = await run(baseUrl);
  return items.map((item) => (isFailed(item) ? item.failure : item.completion.choices[0]?.text));
}

async function errorOf(baseUrl: string): Promise<unknown> {
  return run(baseUrl).then(
    () => "answered",
    (error: unknown) => error,
  );
}

describe("a right answer that is labelled or packed wrongly", () => {
  it.each<[string, Fault]>([
    ["a byte order mark", { kind: "byteOrderMark" }],
    ["content-encoding: utf-8", { kind: "contentEncoding", value: "utf-8" }],
    ["content-encoding: identity", { kind: "contentEncoding", value: "identity" }],
    ["content-encoding: gzip on a plain body", { kind: "contentEncoding", value: "gzip" }],
    ["content-encoding: br on a plain body", { kind: "contentEncoding", value: "br" }],
    ["gzip that no header announces", { kind: "gzip", announced: false }],
    ["UTF-8 announced as iso-8859-1", { kind: "charset", charset: "iso-8859-1" }],
    ["iso-8859-1", { kind: "charset", charset: "iso-8859-1", isTrue: true }],
    ["UTF-16", { kind: "charset", charset: "utf-16le", isTrue: true }],
    ["headers of 20 kB", { kind: "bigHeaders" }],
    ["headers of 100 kB", { kind: "bigHeaders", bytes: 100_000 }],
  ])(
    "a right answer that is labelled or packed wrongly is read at the first attempt of each row: %s",
    async (_what, fault) => {
      await using simulator = await startSimulator({ faults: () => fault, answer: () => "Zoë" });
      expect(await textsOf(simulator.baseUrl)).toEqual(["Zoë", "Zoë", "Zoë"]);
      expect(simulator.ledger.received).toBe(ROWS);
    },
  );

  it.each<[string, IncomingHttpHeaders, Buffer]>([
    [
      "a servlet that announces its default charset",
      { "content-type": "application/json;charset=ISO-8859-1" },
      Buffer.from(ANSWER),
    ],
    [
      "a proxy that has decompressed the body and kept the header",
      { "content-type": "application/json", "content-encoding": "gzip" },
      Buffer.from(ANSWER),
    ],
    [
      "a script that takes the charset for an encoding",
      { "content-type": "application/json", "content-encoding": "UTF-8" },
      Buffer.from(`\uFEFF${ANSWER}`),
    ],
  ])("a right answer that is labelled or packed wrongly is read from %s", async (_what, headers, body) => {
    const server = await plain((_path, _respond, response) => response.writeHead(200, headers).end(body));
    expect(await textsOf(`${server.origin}/v1`)).toEqual(["Zoë", "Zoë", "Zoë"]);
    expect(server.paths).toHaveLength(ROWS);
  });
});

/** A server that answers at one path and redirects every other one. */
function redirecting(status: number, to: (path: string) => string, answersAt: string): Respond {
  return (path, _respond, response: ServerResponse) => {
    if (path === answersAt) response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
    else response.writeHead(status, { location: to(path) }).end();
  };
}

describe("a redirect within the origin", () => {
  it.each([307, 308, 301])(
    "a redirect within the origin is followed with method and body: %i to the trailing slash",
    async (status) => {
      const server = await plain(redirecting(status, (path) => `${path}/`, `${PATH}/`));
      expect(await textsOf(`${server.origin}/v1`)).toEqual(["Zoë", "Zoë", "Zoë"]);
    },
  );

  it("a redirect within the origin is followed with the key and the prompt, to an address that is given in full", async () => {
    let url = "";
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence === 1 ? { kind: "redirect", url } : undefined),
      answer: ({ messages }) => JSON.stringify(messages.at(-1)),
    });
    url = `${simulator.baseUrl}/chat/completions?once`;
    expect((await textsOf(simulator.baseUrl)).join()).toMatch(/document 0.*document 1.*document 2/);
    expect(simulator.ledger.received).toBe(ROWS + 1);
    expect(simulator.ledger.entries.map(({ method }) => method)).toEqual(["POST", "POST", "POST", "POST"]);
  });

  it.each<[what: string, status: number, to: string]>([
    ["permanent", 308, "/elsewhere"],
    ["to the trailing slash", 307, `${PATH}/`],
  ])("a redirect within the origin is remembered for the run where it is %s", async (_what, status, to) => {
    const server = await plain(redirecting(status, () => to, to));
    await run(`${server.origin}/v1`);
    expect(server.paths.filter((path) => path === PATH)).toHaveLength(1);
    expect(server.paths).toHaveLength(ROWS + 1);
  });

  it("a redirect within the origin is asked for again where it leads elsewhere for now: it may lead to another place the next time", async () => {
    const server = await plain((path, _respond, response) => {
      if (path !== PATH) response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
      else response.writeHead(307, { location: `/server-${server.paths.length}` }).end();
    });
    expect(await textsOf(`${server.origin}/v1`)).toEqual(["Zoë", "Zoë", "Zoë"]);
    expect(server.paths.filter((path) => path === PATH)).toHaveLength(ROWS);
  });

  it("a redirect within the origin is not followed where it would become a GET: a page to log in", async () => {
    const server = await plain(redirecting(302, () => "/login?next=v1", "/login?next=v1"));
    expect(await errorOf(`${server.origin}/v1`)).toMatchObject({
      code: "REDIRECTED",
      message: expect.stringContaining("redirects to /login on the same server"),
    });
    expect(server.paths).toEqual([PATH]);
  });

  it("a run stops where redirects within the origin make a circle", async () => {
    const server = await plain(redirecting(307, (path) => `${path}/`, "nowhere"));
    expect(await errorOf(`${server.origin}/v1`)).toMatchObject({ code: "REDIRECTED" });
    expect(server.paths).toHaveLength(4);
  });
});

describe("a redirect to another origin", () => {
  it.each<[string, (target: () => string) => Promise<[Backend, Backend]>]>([
    ["another port", async (to) => [await plain(redirecting(308, to, "nowhere")), await plain()]],
    ["http: instead of https:", async (to) => [await tls(redirecting(307, to, "nowhere")), await plain()]],
    ["https: instead of http:", async (to) => [await plain(redirecting(301, to, "nowhere")), await tls()]],
  ])("a redirect to another origin is not followed, and the message names it: %s", async (_what, servers) => {
    let origin = "";
    const [server, target] = await servers(() => `${origin}${PATH}`);
    ({ origin } = target);
    expect(await errorOf(`${server.origin}/v1`)).toMatchObject({
      code: "REDIRECTED",
      message: expect.stringContaining(`redirects to ${origin},`),
    });
    expect(server.paths).toEqual([PATH]);
    expect(target.connections).toBe(0);
  });
});
