import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import {
  openai,
  together,
  type BatchDialect,
  type BatchJobSpec,
  type BatchUpload,
  type Call,
  type Provider,
} from "@parallel-parrot/providers";
import { startSimulator } from "@parallel-parrot/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { Backend, cert } from "../../fixtures/backend.ts";
import { openSlice } from "../../fixtures/open-slice.ts";
import { TestProxy } from "../../fixtures/proxy.ts";
import { createAgent } from "../http/agent.ts";
import type { AgentOptions } from "../http/agent-options.ts";
import { BatchClient } from "./batch-client.ts";

const { signal } = new AbortController();
const sending = { signal };
const NONE: ReadonlySet<string> = new Set();
const KEY = "sk-canary-0123456789abcdef";
const KEY_FILE = new URL("../../fixtures/test-only-key.pem", import.meta.url);
const onTooLong = (): void => undefined;

function callOf(content: string): Call {
  const prompt = { messages: [{ role: "user", content }] } as const;
  return { prompt, params: {}, shape: { type: "text" }, n: 1 };
}

function batchOf(provider: Provider): BatchDialect {
  if (provider.batch === undefined) throw new Error("The provider has no batches");
  return provider.batch;
}

function clientOf(dialect: BatchDialect, options?: AgentOptions): BatchClient {
  const dispatcher = createAgent(options);
  onTestFinished(() => dispatcher.destroy());
  return new BatchClient(dialect, { dispatcher });
}

/** A server, and a client of the batches of a provider whose API is there. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ client: BatchClient; dialect: BatchDialect; origin: string }> {
  const { origin } = await new Backend(createServer(answer), "http").listen();
  const dialect = batchOf(openai({ model: "m", apiKey: KEY, baseUrl: `${origin}/v1` }));
  return { client: clientOf(dialect), dialect, origin };
}

/** The value, which is there. */
function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("There is no such step");
  return value;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Uploads the lines and makes a job of them. */
async function makeJob(
  client: BatchClient,
  dialect: BatchDialect,
  lines: readonly string[],
): Promise<string> {
  const slice = openSlice(lines.join(dialect.separator));
  const spec: BatchJobSpec = { name: "job-7b1d4e2a", requests: lines.length, bytes: slice.bytes };
  let file = "";
  for (let step: BatchUpload | undefined = dialect.upload?.(spec); step !== undefined;) {
    const reading = await client.ask(step, { signal, lines: slice });
    if (!reading.ok) throw new Error(reading.rejection.message);
    ({ next: step, fileId: file = "" } = reading);
  }
  const created = await client.create(dialect.create(spec, file), { signal, lines: slice });
  if (!created.ok) throw new Error(created.rejection.message);
  return created.job.id;
}

describe("the client of batches", () => {
  it("the client of batches uploads lines from a file, makes a job, looks at it and reads its results", async () => {
    await using simulator = await startSimulator({
      answer: ({ messages }) => JSON.stringify(messages.at(-1)),
    });
    const provider = openai({ model: "m", apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
    const dialect = batchOf(provider);
    const client = clientOf(dialect);
    const keys = Array.from({ length: 50 }, (_, row) => `row-${row}`);
    const lines = keys.map((key) =>
      dialect.writeLine(provider.buildRequest(callOf(`«Zoë» ${key}`), NONE), key),
    );
    const id = await makeJob(client, dialect, lines);
    const looked = await client.ask(dialect.get(id), sending);
    if (!looked.ok) throw new Error(looked.rejection.message);
    const outputs = dialect.results(looked.job);
    const results = await all(client.results(there(outputs[0]), { signal, onTooLong }));
    const answers = new Map(results.map((line) => [dialect.readResult(line)?.key, line]));
    expect(new Set(answers.keys())).toEqual(new Set(keys));
    for (const key of keys) expect(answers.get(key)).toContain(`«Zoë» ${key}`);
    for (const step of dialect.cleanUp(looked.job)) expect((await client.ask(step, sending)).ok).toBe(true);
  });

  it("the client of batches goes through the same proxy as other requests, with the length of the body", async () => {
    let seen: string | undefined;
    const backend = await new Backend(
      createServer((request, response) => {
        seen = request.headers["content-length"];
        void text(request).then(() => response.end(JSON.stringify({ id: "file-1" })));
      }),
      "http",
    ).listen();
    const proxy = await new TestProxy({ port: backend.port }).listen();
    onTestFinished(() => proxy.close());
    const dialect = batchOf(openai({ model: "m", apiKey: KEY, baseUrl: "http://api.example/v1" }));
    const client = clientOf(dialect, { proxy: `http://127.0.0.1:${proxy.port}` });
    const slice = openSlice("{}");
    const upload = there(dialect.upload?.({ name: "job-7b1d4e2a", requests: 1, bytes: 2 }));
    expect(await client.ask(upload, { signal, lines: slice })).toMatchObject({ ok: true, fileId: "file-1" });
    expect(proxy.asked).toEqual(["POST http://api.example/v1/files"]);
    expect(Number(seen)).toBeGreaterThan(100);
  });

  it("the client of batches goes on at a storage where a step is told to, with the bytes and without the key", async () => {
    const stored: unknown[] = [];
    const storage = await new Backend(
      createTlsServer({ cert, key: readFileSync(KEY_FILE) }, (request, response) => {
        const { authorization, "content-length": length, "transfer-encoding": coding } = request.headers;
        void (async () => {
          stored.push([request.method, await text(request), authorization, length, coding]);
          response.end('{"custom_id":"a","response":{"status_code":200,"body":{}}}\n');
        })();
      }),
      "https",
    ).listen();
    const headers = { location: `${storage.origin}/file?signature=1`, "x-together-file-id": "file-1" };
    const api = await new Backend(
      createServer((request, response) => {
        request.resume();
        if (request.url?.endsWith("/preprocess") === true) response.end("{}");
        else response.writeHead(302, headers).end();
      }),
      "http",
    ).listen();
    const dialect = batchOf(together({ model: "m", apiKey: KEY, baseUrl: `${api.origin}/v1` }));
    const client = clientOf(dialect, { connect: { ca: cert } });
    const lines = openSlice('{"custom_id":"a"}');
    let file: string | undefined;
    for (let step = dialect.upload?.({ name: "job-7b1d4e2a", requests: 1, bytes: 17 }); step !== undefined;) {
      const reading = await client.ask(step, { signal, lines });
      if (!reading.ok) throw new Error(reading.rejection.message);
      ({ next: step, fileId: file } = reading);
    }
    expect(file).toBe("file-1");
    const [output] = dialect.results({ id: "b", phase: "ended", state: "COMPLETED", outputs: ["file-2"] });
    expect(await all(client.results(there(output), { signal, onTooLong }))).toHaveLength(1);
    expect(stored).toEqual([
      ["PUT", '{"custom_id":"a"}\n', undefined, "18", undefined],
      ["GET", "", undefined, undefined, undefined],
    ]);
  });

  it("the client of batches takes the key out of what a server says, also out of each result", async () => {
    const { client, dialect } = await serve((request, response) => {
      const echo = request.headers.authorization ?? "";
      if (request.url?.endsWith("/content") === true)
        response.end(`{"custom_id":"a","response":"${echo}"}\n`);
      else response.writeHead(401).end(JSON.stringify({ error: { message: `Wrong key ${echo}` } }));
    });
    const looked = await client.ask(dialect.get("batch_1"), sending);
    expect(looked).toMatchObject({ ok: false, rejection: { verdict: "stop", code: "AUTHENTICATION" } });
    const [output] = dialect.results({
      id: "batch_1",
      phase: "ended",
      state: "completed",
      outputs: ["file-1"],
    });
    const lines = await all(client.results(there(output), { signal, onTooLong }));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify([looked, lines])).not.toContain(KEY);
  });

  it("the client of batches follows no redirect, as the key would go there too, and says where it leads", async () => {
    const paths: unknown[] = [];
    const { client, dialect } = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: "https://elsewhere.example/v1" }).end();
    });
    const redirected = {
      ok: false,
      rejection: {
        verdict: "stop",
        code: "REDIRECTED",
        message: expect.stringContaining("https://elsewhere.example"),
      },
    };
    expect(await client.ask(dialect.get("batch_1"), sending)).toMatchObject(redirected);
    const spec = { name: "job-7b1d4e2a", requests: 1, bytes: 2 };
    expect(await client.create(dialect.create(spec, "file-1"), sending)).toMatchObject(redirected);
    expect(paths).toHaveLength(2);
  });

  it("the client of batches gives results of success alone as lines, and says why there are none", async () => {
    const { client, dialect } = await serve((_request, response) => {
      response.writeHead(404).end('{"error":{"message":"No such File object"}}\n');
    });
    const [output] = dialect.results({
      id: "batch_1",
      phase: "ended",
      state: "completed",
      outputs: ["file-1"],
    });
    const results = all(client.results(there(output), { signal, onTooLong }));
    await expect(results).rejects.toMatchObject({
      name: "RejectionError",
      rejection: { message: expect.stringContaining("No such File object") },
    });
  });

  it("the client of batches says of a creation that broke off whether a job may have been made", async () => {
    const { client, dialect } = await serve((request) => {
      request.resume().once("end", () => void request.socket.resetAndDestroy());
    });
    const creation = dialect.create({ name: "job-7b1d4e2a", requests: 1, bytes: 2 }, "file-1");
    await expect(client.create(creation, sending)).rejects.toMatchObject({ kind: "NETWORK", wasSent: true });
    const nobody = batchOf(openai({ model: "m", apiKey: KEY, baseUrl: "http://127.0.0.1:1/v1" }));
    const unsent = nobody.create({ name: "job-7b1d4e2a", requests: 1, bytes: 2 }, "file-1");
    await expect(clientOf(nobody).create(unsent, sending)).rejects.toMatchObject({ wasSent: false });
  });

  it("the client of batches refuses to send a body with lines when none are given", async () => {
    const { client, dialect } = await serve((_request, response) => void response.end("{}"));
    const upload = there(dialect.upload?.({ name: "job-7b1d4e2a", requests: 1, bytes: 2 }));
    await expect(client.ask(upload, sending)).rejects.toThrow(/lines in its body, and none are given/);
  });
});
