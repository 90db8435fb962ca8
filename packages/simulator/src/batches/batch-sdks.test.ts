import Anthropic, { BadRequestError, NotFoundError } from "@anthropic-ai/sdk";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GoogleGenAI } from "@google/genai";
import Groq from "groq-sdk";
import OpenAI, { NotFoundError as OpenAINotFoundError, toFile } from "openai";
import { describe, expect, it } from "vitest";
import { Mistral } from "../../fixtures/mistral-sdk.js";
import { start, thrown } from "../../fixtures/samples.ts";
import type { Simulator } from "../index.ts";

const TEXTS = ["The sea is blue.", "The sky is grey."];
const question = (text: string) => ({ model: "m", messages: [{ role: "user" as const, content: text }] });
const linesOf = (bodies: readonly object[], url: string): string =>
  bodies
    .map((body, index) => JSON.stringify({ custom_id: `row-${index}`, method: "POST", url, body }))
    .join("\n");

/** The results by their keys. */
function byKey(content: string): Record<string, unknown> {
  const lines = content
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { custom_id: string });
  return Object.fromEntries(lines.map((line) => [line.custom_id, line]));
}

/** The servers whose batches the OpenAI SDK understands. */
describe.each<[string, (simulator: Simulator) => OpenAI]>([
  ["OpenAI", ({ urls, apiKey }) => new OpenAI({ baseURL: urls.openai, apiKey, maxRetries: 0 })],
  ["Azure", ({ urls, apiKey }) => new OpenAI({ baseURL: `${urls.azure}/openai/v1`, apiKey, maxRetries: 0 })],
])("the OpenAI SDK with batches of %s", (_, connect) => {
  it("the OpenAI SDK makes a batch, and gets the answers that direct requests get", async () => {
    const simulator = await start();
    const client = connect(simulator);
    const content = linesOf(TEXTS.map(question), "/v1/chat/completions");
    const file = await client.files.create({
      file: await toFile(Buffer.from(content), "in.jsonl"),
      purpose: "batch",
    });
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      metadata: { run: "7" },
    });
    expect(made).toMatchObject({ object: "batch", status: "validating", metadata: { run: "7" } });
    const batch = await client.batches.retrieve(made.id);
    expect(batch).toMatchObject({
      status: "completed",
      request_counts: { total: 2, completed: 2, failed: 0 },
    });
    const results = byKey(await (await client.files.content(batch.output_file_id ?? "")).text());
    for (const [index, text] of TEXTS.entries()) {
      const direct = await client.chat.completions.create(question(text));
      expect(results[`row-${index}`]).toMatchObject({
        response: { status_code: 200, body: { choices: direct.choices, usage: direct.usage } },
        error: null,
      });
    }
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
    expect(simulator.batches.files.map(({ id }) => id)).toEqual([batch.output_file_id]);
  });

  it("the OpenAI SDK lists all batches over several pages, the newest first, and cancels one", async () => {
    const client = connect(await start({ batch: { runMs: 1e9 } }));
    const content = linesOf(TEXTS.map(question), "/v1/chat/completions");
    const file = await client.files.create({
      file: await toFile(Buffer.from(content), "in.jsonl"),
      purpose: "batch",
    });
    const make = () =>
      client.batches.create({
        input_file_id: file.id,
        endpoint: "/v1/chat/completions",
        completion_window: "24h",
      });
    const ids = [(await make()).id, (await make()).id, (await make()).id];
    const listed: string[] = [];
    for await (const { id } of client.batches.list({ limit: 2 })) listed.push(id);
    expect(listed).toEqual(ids.toReversed());
    await client.batches.cancel(ids[0] ?? "");
    expect(await client.batches.retrieve(ids[0] ?? "")).toMatchObject({ status: "cancelled" });
  });

  it("the OpenAI SDK sees why a batch was refused, and that there is none", async () => {
    const client = connect(await start({ batch: { enqueuedTokens: 5 } }));
    const content = linesOf(TEXTS.map(question), "/v1/chat/completions");
    const file = await client.files.create({
      file: await toFile(Buffer.from(content), "in.jsonl"),
      purpose: "batch",
    });
    const { id } = await client.batches.create({
      input_file_id: file.id,
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
    });
    expect(await client.batches.retrieve(id)).toMatchObject({
      status: "failed",
      errors: {
        data: [{ code: "token_limit_exceeded", message: expect.stringContaining("Limit: 5 enqueued") }],
      },
    });
    expect(await thrown(client.batches.retrieve("batch_gone"))).toBeInstanceOf(OpenAINotFoundError);
    const named = client.files.create({
      file: await toFile(Buffer.from(content), "in.txt"),
      purpose: "batch",
    });
    expect(await thrown(named)).toMatchObject({ status: 400, message: expect.stringContaining(".jsonl") });
  });
});

it("the OpenAI SDK makes a batch of the Responses API", async () => {
  const { urls, apiKey } = await start();
  const client = new OpenAI({ baseURL: urls.openai, apiKey, maxRetries: 0 });
  const bodies = TEXTS.map((input) => ({ model: "m", input, store: false }));
  const content = linesOf(bodies, "/v1/responses");
  const file = await client.files.create({
    file: await toFile(Buffer.from(content), "in.jsonl"),
    purpose: "batch",
  });
  const { id } = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/responses",
    completion_window: "24h",
  });
  const batch = await client.batches.retrieve(id);
  const results = byKey(await (await client.files.content(batch.output_file_id ?? "")).text());
  const direct = await client.responses.create({ model: "m", input: TEXTS[0] ?? "", store: false });
  expect(results["row-0"]).toMatchObject({ response: { body: { output: direct.output } } });
});

it("Groq's SDK makes, lists, fetches and cancels batches", async () => {
  const { urls, apiKey } = await start({ batch: { runMs: 60_000 } });
  const client = new Groq({ baseURL: urls.groq.replace("/openai/v1", ""), apiKey, maxRetries: 0 });
  const content = linesOf(TEXTS.map(question), "/v1/chat/completions");
  const file = await client.files.create({
    file: await toFile(Buffer.from(content), "in.jsonl"),
    purpose: "batch",
  });
  const { id } = await client.batches.create({
    input_file_id: file.id ?? "",
    endpoint: "/v1/chat/completions",
    completion_window: "7d",
  });
  expect((await client.batches.list()).data.map((each) => each.id)).toEqual([id]);
  expect(await client.batches.cancel(id)).toMatchObject({ id });
  const batch = await client.batches.retrieve(id);
  expect(batch).toMatchObject({ status: "cancelled", completion_window: "168h" });
  const response = await client.files.content(batch.error_file_id ?? "");
  expect(byKey(await response.text())).toMatchObject({ "row-0": { error: { code: "batch_cancelled" } } });
});

it("Anthropic's SDK makes, lists, fetches, cancels and deletes message batches", async () => {
  const simulator = await start({ batch: { runMs: 60_000 } });
  const client = new Anthropic({
    baseURL: simulator.urls.anthropic,
    apiKey: simulator.apiKey,
    maxRetries: 0,
  });
  const params = (text: string) => ({ ...question(text), max_tokens: 100 });
  const requests = TEXTS.map((text, index) => ({ custom_id: `row-${index}`, params: params(text) }));
  const made = await client.messages.batches.create({ requests });
  expect(made).toMatchObject({ processing_status: "in_progress", request_counts: { processing: 2 } });
  simulator.advance(60_000);
  expect(await client.messages.batches.retrieve(made.id)).toMatchObject({
    processing_status: "ended",
    request_counts: { processing: 0, succeeded: 2 },
  });
  const direct = await client.messages.create(params(TEXTS[1] ?? ""));
  const results = new Map<string, unknown>();
  for await (const { custom_id, result } of await client.messages.batches.results(made.id))
    results.set(custom_id, result);
  expect(results.get("row-1")).toMatchObject({ type: "succeeded", message: { content: direct.content } });
  const other = await client.messages.batches.create({ requests });
  await client.messages.batches.cancel(other.id);
  const listed: string[] = [];
  for await (const { id } of client.messages.batches.list({ limit: 1 })) listed.push(id);
  expect(listed).toEqual([other.id, made.id]);
  expect(await client.messages.batches.delete(made.id)).toMatchObject({ type: "message_batch_deleted" });
  expect(await thrown(client.messages.batches.retrieve(made.id))).toBeInstanceOf(NotFoundError);
  const twice = client.messages.batches.create({ requests: [...requests, ...requests] });
  expect(await thrown(twice)).toBeInstanceOf(BadRequestError);
});

it("Mistral's SDK makes, lists, fetches and cancels jobs", async () => {
  const simulator = await start({ batch: { runMs: 60_000 } });
  const client = new Mistral({
    serverURL: simulator.urls.mistral.replace("/v1", ""),
    apiKey: simulator.apiKey,
  });
  const { messages } = question(TEXTS[0] ?? "");
  const content = new TextEncoder().encode(JSON.stringify({ custom_id: "row-0", body: { messages } }));
  const file = await client.files.upload({ file: { fileName: "in.jsonl", content }, purpose: "batch" });
  const job = { inputFiles: [file.id], endpoint: "/v1/chat/completions", model: "m", metadata: { run: "7" } };
  const made = await client.batch.jobs.create(job);
  expect(made).toMatchObject({ status: "QUEUED", totalRequests: 1, metadata: { run: "7" } });
  simulator.advance(60_000);
  const done = await client.batch.jobs.get({ jobId: made.id });
  expect(done).toMatchObject({ status: "SUCCESS", succeededRequests: 1 });
  const results = await new Response(await client.files.download({ fileId: done.outputFile ?? "" })).text();
  const direct = await client.chat.complete({ model: "m", messages });
  expect(direct.choices).toMatchObject([{ message: { content: TEXTS[0] } }]);
  expect(byKey(results)).toMatchObject({
    "row-0": { response: { status_code: 200, body: { choices: [{ message: { content: TEXTS[0] } }] } } },
  });
  const other = await client.batch.jobs.create(job);
  await client.batch.jobs.cancel({ jobId: other.id });
  const list = await client.batch.jobs.list({});
  expect(list.data?.map(({ id, status }) => [id, status])).toEqual([
    [other.id, "CANCELLED"],
    [made.id, "SUCCESS"],
  ]);
});

it("Google's SDK uploads a file, and makes, lists, fetches, cancels and deletes jobs", async () => {
  const simulator = await start({ batch: { runMs: 60_000 } });
  const client = new GoogleGenAI({
    apiKey: simulator.apiKey,
    vertexai: false,
    httpOptions: { baseUrl: simulator.urls.gemini },
  });
  const contents = [{ role: "user", parts: [{ text: TEXTS[0] ?? "" }] }];
  const lines = JSON.stringify({ key: "row-0", request: { contents } });
  const file = await client.files.upload({
    file: new Blob([lines], { type: "application/jsonl" }),
    config: { displayName: "in", mimeType: "application/jsonl" },
  });
  expect(file).toMatchObject({ displayName: "in", sizeBytes: String(lines.length), state: "ACTIVE" });
  const make = () =>
    client.batches.create({ model: "m", src: file.name ?? "", config: { displayName: "nightly" } });
  const made = await make();
  expect(made).toMatchObject({ state: "JOB_STATE_PENDING", displayName: "nightly", model: "models/m" });
  simulator.advance(60_000);
  const done = await client.batches.get({ name: made.name ?? "" });
  expect(done.state).toBe("JOB_STATE_SUCCEEDED");
  const folder = await mkdtemp(join(tmpdir(), "parrot-genai-"));
  const downloadPath = join(folder, "results");
  await client.files.download({ file: done.dest?.fileName ?? "", downloadPath });
  const [result] = (await readFile(downloadPath, "utf8")).split("\n");
  await rm(folder, { recursive: true });
  const direct = await client.models.generateContent({ model: "m", contents });
  expect(JSON.parse(result ?? "")).toMatchObject({
    key: "row-0",
    response: { candidates: direct.candidates },
  });
  const other = await make();
  await client.batches.cancel({ name: other.name ?? "" });
  const listed: unknown[] = [];
  for await (const { name, state } of await client.batches.list({ config: { pageSize: 1 } }))
    listed.push([name, state]);
  expect(listed).toEqual([
    [other.name, "JOB_STATE_CANCELLED"],
    [made.name, "JOB_STATE_SUCCEEDED"],
  ]);
  await client.batches.delete({ name: made.name ?? "" });
  expect(await thrown(client.batches.get({ name: made.name ?? "" }))).toMatchObject({ status: 404 });
});
