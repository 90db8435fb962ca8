/** Our requests at small servers that are written from the vendors' documents, and not from the simulator. */
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { expect, it } from "vitest";
import { batchOf, collect, judge, listJobs, look, makeJob, send } from "../../fixtures/run-batch.ts";
import { QUESTION } from "../../fixtures/responses.ts";
import { serve } from "../../fixtures/serve.ts";
import {
  anthropic,
  azureOpenAI,
  fireworks,
  gemini,
  groq,
  mistral,
  openai,
  openrouter,
  together,
  xai,
  type Call,
  type Provider,
} from "../index.ts";

/** A request as a server sees it, with its body read by the form reader of Node.js or as JSON. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly form: FormData | undefined;
  readonly json: unknown;
  readonly text: string;
}

type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
};

/** Starts a server that answers what `reply` says, and records what it saw. */
async function documented(reply: (seen: Seen) => Reply): Promise<{ origin: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const origin = await serve(
    createServer((request, response) => {
      void (async () => {
        const bytes = await buffer(request);
        const type = request.headers["content-type"] ?? "";
        const url = new URL(request.url ?? "", "http://localhost");
        const form = type.startsWith("multipart/")
          ? await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData()
          : undefined;
        const json: unknown = type === "application/json" ? JSON.parse(bytes.toString()) : undefined;
        const { method = "", headers } = request;
        const one = {
          method,
          path: url.pathname,
          query: url.searchParams,
          headers,
          form,
          json,
          text: bytes.toString(),
        };
        seen.push(one);
        const { status = 200, json: body, text = JSON.stringify(body), headers: more } = reply(one);
        response.writeHead(status, { "content-type": "application/json", ...more }).end(text);
      })();
    }),
  );
  return { origin, seen };
}

const CALLS: ReadonlyMap<string, Call> = new Map([
  ["row-0", QUESTION],
  ["row-1", { ...QUESTION, prompt: { messages: [{ role: "user", content: "«Wie»\r\n--parallel-parrot" }] } }],
]);
const ANSWER = { model: "m", usage: { prompt_tokens: 5, completion_tokens: 1 } };
const chat = (content: string) => ({ ...ANSWER, choices: [{ message: { content }, finish_reason: "stop" }] });

/** The routes of OpenAI's guide, below a path. */
function openaiRoutes(root: string) {
  let looks = 0;
  const batch = (status: string, more: object = {}): object => ({
    id: "batch_1",
    object: "batch",
    endpoint: "/v1/chat/completions",
    status,
    input_file_id: "file-in",
    created_at: 1_764_500_000,
    metadata: { parallel_parrot: "job-7b1d4e2a" },
    ...more,
  });
  return ({ method, path }: Seen): Reply => {
    switch (`${method} ${path.replace(root, "")}`) {
      case "POST /files":
        return { json: { id: "file-in", object: "file", purpose: "batch" } };
      case "POST /batches":
        return { json: batch("validating") };
      case "GET /batches":
        return { json: { object: "list", data: [batch("in_progress")], has_more: false } };
      case "GET /batches/batch_1":
        looks += 1;
        return {
          json:
            looks === 1
              ? batch("in_progress")
              : batch("completed", { output_file_id: "file-out", error_file_id: "file-err" }),
        };
      case "POST /batches/batch_1/cancel":
        return { json: batch("cancelling") };
      case "GET /files/file-out/content":
        return {
          text: `${JSON.stringify({
            id: "batch_req_1",
            custom_id: "row-1",
            response: { status_code: 200, request_id: "r", body: chat("Blue.") },
            error: null,
          })}\n`,
        };
      case "GET /files/file-err/content":
        return {
          text: `${JSON.stringify({
            id: "batch_req_2",
            custom_id: "row-0",
            response: null,
            error: { code: "batch_expired", message: "This request could not be executed in time." },
          })}\n`,
        };
      case "DELETE /files/file-in":
      case "DELETE /files/file-out":
      case "DELETE /files/file-err":
        return { json: { id: "file", object: "file", deleted: true } };
      default:
        return { status: 404, json: { error: { message: "Not found" } } };
    }
  };
}

/** The lines of a job in the file that was uploaded. */
async function uploaded(seen: readonly Seen[]): Promise<readonly unknown[]> {
  const form = seen.find(({ form }) => form !== undefined)?.form;
  expect(form?.get("purpose")).toBe("batch");
  const file = form?.get("file");
  if (!(file instanceof File)) throw new Error("No file was uploaded");
  expect(file.name).toMatch(/\.jsonl$/);
  const text = await file.text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** Goes the whole way of a job: make, look, list, cancel, collect, clean up. */
async function goTheWholeWay(provider: Provider): Promise<ReadonlyMap<string, unknown>> {
  const batch = batchOf(provider);
  const made = await makeJob(provider, CALLS);
  expect(made.phase).not.toBe("ended");
  expect((await look(provider, made.id)).phase).toBe("running");
  const found = await listJobs(provider, Date.UTC(2026, 10, 30));
  expect(found.map(({ id }) => id)).toEqual([made.id]);
  const cancel = batch.cancel?.(made.id);
  expect(cancel?.read(await send(batch, cancel.request)).ok).toBe(batch.cancel && true);
  const job = await look(provider, made.id);
  expect(job.phase).toBe("ended");
  const results = judge(provider, await collect(provider, job));
  for (const step of batch.cleanUp(job)) expect(step.read(await send(batch, step.request)).ok).toBe(true);
  return results;
}

it.each<[string, string, (origin: string) => Provider, string]>([
  ["OpenAI", "/v1", (origin) => openai({ model: "m", apiKey: "k", baseUrl: `${origin}/v1` }), "m"],
  ["Groq", "/openai/v1", (origin) => groq({ model: "m", apiKey: "k", baseUrl: `${origin}/openai/v1` }), "m"],
  [
    "Azure's v1 API",
    "/openai/v1",
    (origin) =>
      azureOpenAI({ model: "m", apiKey: "k", baseUrl: origin, apiVersion: "v1", batchDeployment: "batch-m" }),
    "batch-m",
  ],
  [
    "a dated API of Azure",
    "/openai",
    (origin) => azureOpenAI({ model: "m", apiKey: "k", baseUrl: origin, apiVersion: "2025-04-01" }),
    "m",
  ],
])("a batch goes the whole way at a server as %s is documented", async (name, root, make, model) => {
  const { origin, seen } = await documented(openaiRoutes(root));
  const provider = make(origin);
  const results = await goTheWholeWay(provider);
  expect(results.get("row-0")).toBe("expired");
  expect(results.get("row-1")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  const lines = await uploaded(seen);
  expect(lines).toMatchObject([
    { custom_id: "row-0", method: "POST", url: "/v1/chat/completions", body: { model } },
    { custom_id: "row-1", body: { messages: [{ content: "«Wie»\r\n--parallel-parrot" }] } },
  ]);
  const created = seen.find(({ method, path }) => method === "POST" && path.endsWith("/batches"));
  expect(created?.json).toEqual({
    input_file_id: "file-in",
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
    metadata: { parallel_parrot: "job-7b1d4e2a" },
  });
  const key = name.includes("Azure") ? "api-key" : "authorization";
  for (const { headers, query } of seen) {
    expect(String(headers[key])).toMatch(/(?:^|Bearer )k$/);
    expect(query.get("api-version")).toBe(name === "a dated API of Azure" ? "2025-04-01" : null);
  }
  expect(seen.filter(({ method }) => method === "DELETE")).toHaveLength(3);
});

it("a message batch goes the whole way at a server as Anthropic's is documented", async () => {
  let looks = 0;
  const path = "/v1/messages/batches";
  const { origin, seen } = await documented((request) => {
    const batch = (processing_status: string, results_url: string | null = null) => ({
      id: "msgbatch_1",
      type: "message_batch",
      processing_status,
      request_counts: { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      created_at: "2026-11-30T18:37:24.100435Z",
      results_url,
    });
    switch (`${request.method} ${request.path}`) {
      case `POST ${path}`:
        return { json: batch("in_progress") };
      case `GET ${path}`:
        return { json: { data: [batch("in_progress")], has_more: false, first_id: null, last_id: null } };
      case `GET ${path}/msgbatch_1`:
        looks += 1;
        return {
          json: looks === 1 ? batch("in_progress") : batch("ended", `${origin}${path}/msgbatch_1/results`),
        };
      case `POST ${path}/msgbatch_1/cancel`:
        return { json: batch("canceling") };
      case `GET ${path}/msgbatch_1/results`:
        return {
          text: [
            { custom_id: "row-1", result: { type: "canceled" } },
            {
              custom_id: "row-0",
              result: {
                type: "succeeded",
                message: { type: "message", content: [{ type: "text", text: "Blue." }], usage: {} },
              },
            },
          ]
            .map((line) => JSON.stringify(line))
            .join("\n"),
        };
      case `DELETE ${path}/msgbatch_1`:
        return { json: { id: "msgbatch_1", type: "message_batch_deleted" } };
      default:
        return { status: 404, json: { type: "error", error: { type: "not_found_error", message: "No" } } };
    }
  });
  const results = await goTheWholeWay(anthropic({ model: "m", apiKey: "k", baseUrl: origin }));
  expect(results.get("row-1")).toBe("cancelled");
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  expect(seen[0]?.json).toMatchObject({
    requests: [
      { custom_id: "row-0", params: { model: "m", max_tokens: expect.any(Number) } },
      { custom_id: "row-1", params: { messages: [{ content: "«Wie»\r\n--parallel-parrot" }] } },
    ],
  });
  for (const { headers } of seen)
    expect(headers).toMatchObject({ "x-api-key": "k", "anthropic-version": "2023-06-01" });
});

it("a job goes the whole way at a server as Mistral's is documented", async () => {
  let looks = 0;
  const { origin, seen } = await documented((request) => {
    const job = (status: string, output_file: string | null = null) => ({
      id: "job-1",
      object: "batch",
      input_files: ["in"],
      metadata: { parallel_parrot: "job-7b1d4e2a" },
      status,
      output_file,
      error_file: null,
      errors: [],
      created_at: 1_764_500_000,
      total_requests: 2,
    });
    switch (`${request.method} ${request.path}`) {
      case "POST /v1/files":
        return { json: { id: "in", object: "file" } };
      case "POST /v1/batch/jobs":
        return { json: job("QUEUED") };
      case "GET /v1/batch/jobs":
        return { json: { object: "list", data: [job("RUNNING")], total: 1 } };
      case "GET /v1/batch/jobs/job-1":
        looks += 1;
        return { json: looks === 1 ? job("RUNNING") : job("SUCCESS", "out") };
      case "POST /v1/batch/jobs/job-1/cancel":
        return { json: job("CANCELLATION_REQUESTED") };
      case "GET /v1/files/out/content":
        return {
          text: JSON.stringify({ custom_id: "row-0", response: { status_code: 200, body: chat("Blue.") } }),
        };
      case "DELETE /v1/files/in":
      case "DELETE /v1/files/out":
        return { json: { id: "x", object: "file", deleted: true } };
      default:
        return { status: 404, json: { detail: "Not found" } };
    }
  });
  const results = await goTheWholeWay(mistral({ model: "m", apiKey: "k", baseUrl: `${origin}/v1` }));
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  const [first] = await uploaded(seen);
  expect(first).toEqual({ custom_id: "row-0", body: { messages: QUESTION.prompt.messages } });
  expect(seen.find(({ method, path }) => method === "POST" && path === "/v1/batch/jobs")?.json).toEqual({
    input_files: ["in"],
    endpoint: "/v1/chat/completions",
    model: "m",
    metadata: { parallel_parrot: "job-7b1d4e2a" },
    timeout_hours: 24,
  });
});

it("a job goes the whole way at a server as Gemini's is documented", async () => {
  let looks = 0;
  const { origin, seen } = await documented(({ method, path, query, headers, text }) => {
    const operation = (state: string, done?: object) => ({
      name: "batches/123456",
      metadata: {
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
        model: "models/m",
        displayName: "job-7b1d4e2a",
        inputConfig: { fileName: "files/in" },
        createTime: "2026-11-30T09:00:00.000000001Z",
        batchStats: { requestCount: "2" },
        state,
        ...(done === undefined ? {} : { output: done }),
      },
      ...(done === undefined ? {} : { done: true, response: done }),
    });
    switch (`${method} ${path}`) {
      case "POST /upload/v1beta/files":
        if (headers["x-goog-upload-command"] === "start")
          return {
            text: "",
            headers: { "x-goog-upload-url": `http://${String(headers["host"])}/resumable?id=9` },
          };
        return { status: 400, json: { error: { code: 400, message: "No start" } } };
      case "POST /resumable":
        if (query.get("id") !== "9") return { status: 404 };
        return { json: { file: { name: "files/in", sizeBytes: String(Buffer.byteLength(text)) } } };
      case "POST /v1beta/models/m:batchGenerateContent":
        return { json: operation("BATCH_STATE_PENDING") };
      case "GET /v1beta/batches":
        return { json: { operations: [operation("BATCH_STATE_RUNNING")] } };
      case "GET /v1beta/batches/123456":
        looks += 1;
        return {
          json:
            looks === 1
              ? operation("BATCH_STATE_RUNNING")
              : operation("BATCH_STATE_SUCCEEDED", { responsesFile: "files/batch-123456" }),
        };
      case "POST /v1beta/batches/123456:cancel":
      case "DELETE /v1beta/files/in":
      case "DELETE /v1beta/files/batch-123456":
        return { json: {} };
      case "GET /download/v1beta/files/batch-123456:download":
        if (query.get("alt") !== "media") return { status: 400 };
        return {
          text: [
            {
              key: "row-0",
              response: {
                candidates: [
                  { content: { parts: [{ text: "Blue." }], role: "model" }, finishReason: "STOP" },
                ],
                usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1, totalTokenCount: 6 },
              },
            },
            { key: "row-1", error: { code: 8, message: "Resource has been exhausted (e.g. check quota)." } },
          ]
            .map((line) => JSON.stringify(line))
            .join("\n"),
        };
      default:
        return { status: 404, json: { error: { code: 404, message: path, status: "NOT_FOUND" } } };
    }
  });
  const results = await goTheWholeWay(gemini({ model: "m", apiKey: "k", baseUrl: origin }));
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  expect(results.get("row-1")).toMatchObject({ ok: false, rejection: { verdict: "wait" } });
  const [start, bytes, created] = seen;
  expect(start?.headers).toMatchObject({
    "x-goog-upload-protocol": "resumable",
    "x-goog-upload-header-content-type": "application/jsonl",
    "x-goog-upload-header-content-length": String(Buffer.byteLength(bytes?.text ?? "")),
  });
  expect(bytes?.headers).toMatchObject({
    "x-goog-upload-command": "upload, finalize",
    "x-goog-upload-offset": "0",
  });
  const lines = bytes?.text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toMatchObject([
    { key: "row-0", request: { contents: [{ role: "user" }] } },
    { key: "row-1", request: { contents: [{ parts: [{ text: "«Wie»\r\n--parallel-parrot" }] }] } },
  ]);
  expect(created?.json).toEqual({
    batch: { displayName: "job-7b1d4e2a", inputConfig: { fileName: "files/in" } },
  });
});

it("the bytes of a file go without the key where Gemini's server names another one, and nowhere without TLS", async () => {
  const { batch } = gemini({ model: "m", apiKey: "k", baseUrl: "https://gateway.example" });
  const upload = batch?.upload?.({ name: "job-7b1d4e2a", requests: 1, bytes: 2 });
  const read = (url: string) =>
    upload?.read({ status: 200, headers: { "x-goog-upload-url": url }, body: "" });
  const elsewhere = read("https://storage.example/upload?id=9");
  if (elsewhere?.ok !== true || elsewhere.next === undefined) throw new Error("There is no next step");
  const { request } = elsewhere.next;
  expect(request.url).toBe("https://storage.example/upload?id=9");
  expect(await batch?.authorize(request)).toEqual({});
  expect(read("http://storage.example/upload?id=9")).toMatchObject({ ok: false });
  expect(read("no address")).toMatchObject({ ok: false });
});

it("a job goes the whole way at a server as xAI's is documented", async () => {
  let looks = 0;
  const { origin, seen } = await documented(({ method, path, query }) => {
    const batch = (pending: number) => ({
      batch_id: "batch_1934e8b5",
      name: "job-7b1d4e2a",
      create_time: "2026-11-30",
      expire_time: "2026-12-30",
      create_api_key_id: "********",
      cancel_time: null,
      cancel_by_xai_message: null,
      state: {
        num_requests: 2,
        num_pending: pending,
        num_success: 2 - pending,
        num_error: 0,
        num_cancelled: 0,
      },
      input_file_id: "file_07",
    });
    switch (`${method} ${path}`) {
      case "POST /v1/files":
        return { json: { id: "file_07", filename: "in.jsonl", bytes: 500 } };
      case "POST /v1/batches":
        return { json: { ...batch(0), state: {} } };
      case "GET /v1/batches":
        return { json: { batches: [batch(2)], pagination_token: null } };
      case "GET /v1/batches/batch_1934e8b5":
        looks += 1;
        return { json: batch(looks === 1 ? 2 : 0) };
      case "POST /v1/batches/batch_1934e8b5:cancel":
        return { json: batch(0) };
      case "GET /v1/batches/batch_1934e8b5/results":
        return query.get("pagination_token") === "row-1"
          ? {
              json: {
                results: [
                  {
                    batch_request_id: "row-0",
                    batch_result: { response: { chat_get_completion: chat("Blue.") } },
                  },
                ],
                pagination_token: null,
              },
            }
          : {
              json: {
                results: [
                  { batch_request_id: "row-1", batch_result: { error: { code: 3, message: "bad request" } } },
                ],
                pagination_token: "row-1",
              },
            };
      case "DELETE /v1/files/file_07":
        return { json: { id: "file_07", deleted: true } };
      default:
        return { status: 404, json: { code: "Some requested entity was not found", error: "Not found" } };
    }
  });
  const results = await goTheWholeWay(xai({ model: "m", apiKey: "k", baseUrl: `${origin}/v1` }));
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  expect(results.get("row-1")).toMatchObject({
    ok: false,
    rejection: { verdict: "fail", code: "BAD_REQUEST" },
  });
  const form = seen[0]?.form;
  expect([...(form?.keys() ?? [])]).toEqual(["file"]);
  const file = form?.get("file");
  expect(file instanceof File && (await file.text())).toMatch(
    /^\{"custom_id":"row-0","method":"POST","url":"\/v1\/chat\/completions","body":\{"model":"m"/,
  );
  expect(seen[1]?.json).toEqual({ name: "job-7b1d4e2a", input_file_id: "file_07" });
});

it("a job goes the whole way at a server as Together's is documented, whose files are in a storage", async () => {
  let looks = 0;
  const { origin, seen } = await documented(({ method, path, text, headers }) => {
    const job = (status: string, more: object = {}) => ({
      id: "batch-xyz789",
      status,
      input_file_id: "file-in",
      created_at: "2026-11-30T10:00:00Z",
      output_file_id: null,
      error_file_id: null,
      ...more,
    });
    const here = `http://${String(headers["host"])}`;
    switch (`${method} ${path}`) {
      case "POST /v1/files": {
        const { purpose, file_name, file_type } = Object.fromEntries(new URLSearchParams(text));
        if (purpose !== "batch-api" || file_type !== "jsonl" || file_name?.endsWith(".jsonl") !== true)
          return { status: 400, json: { error: { message: "Invalid form" } } };
        return {
          status: 302,
          headers: { location: `${here}/storage/in?signature=1`, "x-together-file-id": "file-in" },
        };
      }
      case "PUT /storage/in":
        return { text: "" };
      case "POST /v1/files/file-in/preprocess":
        return { json: { id: "file-in", Processed: true } };
      case "POST /v1/batches":
        return { json: { job: job("VALIDATING") } };
      case "GET /v1/batches":
        return { json: [job("IN_PROGRESS")] };
      case "GET /v1/batches/batch-xyz789":
        looks += 1;
        return { json: looks === 1 ? job("IN_PROGRESS") : job("COMPLETED", { output_file_id: "file-out" }) };
      case "POST /v1/batches/batch-xyz789/cancel":
        return { json: job("IN_PROGRESS") };
      case "GET /v1/files/file-out/content":
        return { status: 302, headers: { location: `${here}/storage/out?signature=2` }, text: "" };
      case "GET /storage/out":
        return {
          text: JSON.stringify({
            custom_id: "row-0",
            response: { status_code: 200, body: chat("Blue.") },
            error: null,
          }),
        };
      case "DELETE /v1/files/file-in":
      case "DELETE /v1/files/file-out":
        return { json: { id: "file", deleted: true } };
      default:
        return { status: 404, json: { error: { message: "Not found" } } };
    }
  });
  const results = await goTheWholeWay(together({ model: "m", apiKey: "k", baseUrl: `${origin}/v1` }));
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  const stored = seen.find(({ method }) => method === "PUT");
  const [first] = stored?.text.split("\n") ?? [];
  expect(JSON.parse(first ?? "")).toMatchObject({ custom_id: "row-0", body: { model: "m" } });
  expect(seen.find(({ method, path }) => method === "POST" && path === "/v1/batches")?.json).toEqual({
    endpoint: "/v1/chat/completions",
    input_file_id: "file-in",
    completion_window: "24h",
  });
});

it("a job goes the whole way at a server as OpenRouter's is documented, which cancels none", async () => {
  let looks = 0;
  const { origin, seen } = await documented(({ method, path, query }) => {
    const batch = (status: string) => ({
      id: "batch-1",
      object: "batch",
      status,
      created_at: 1_764_500_000,
      request_counts: { total: 2, completed: 1, failed: 0 },
      results: null,
    });
    switch (`${method} ${path}`) {
      case "POST /api/v1/batches":
        return { status: 202, json: batch("validating") };
      case "GET /api/v1/batches":
        return { json: { data: [batch("in_progress")], has_more: false, last_id: "batch-1" } };
      case "GET /api/v1/batches/batch-1":
        looks += 1;
        return { json: batch(looks === 1 ? "in_progress" : "completed") };
      case "GET /api/v1/batches/batch-1/results":
        return query.get("cursor") === "c1"
          ? {
              json: {
                object: "list",
                data: [
                  {
                    id: "1",
                    custom_id: "row-0",
                    response: { status_code: 200, body: chat("Blue.") },
                    error: null,
                  },
                ],
                has_more: false,
                next_cursor: null,
              },
            }
          : {
              json: {
                object: "list",
                data: [
                  {
                    id: "2",
                    custom_id: "row-1",
                    response: null,
                    error: { message: "Provider returned error" },
                  },
                ],
                has_more: true,
                next_cursor: "c1",
              },
            };
      case "DELETE /api/v1/batches/batch-1":
        return { json: { id: "batch-1", deleted: true } };
      default:
        return { status: 404, json: { error: { code: 404, message: "Not found" } } };
    }
  });
  const provider = openrouter({ model: "vendor/m:batch", apiKey: "k", baseUrl: `${origin}/api/v1` });
  expect("cancel" in batchOf(provider)).toBe(false);
  const results = await goTheWholeWay(provider);
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  expect(results.get("row-1")).toBe("unknown");
  // It reads the body as it comes, so that the order matters.
  expect(seen[0]?.text).toMatch(
    /^\{"endpoint":"\/v1\/chat\/completions","model":"vendor\/m","completion_window":"24h","requests":\[\{"custom_id":"row-0","body":\{"messages"/,
  );
  expect(JSON.stringify(seen[0]?.json)).not.toContain("vendor/m:batch");
});

it("a job goes the whole way at a server as Fireworks' is documented, with data sets of an account", async () => {
  let looks = 0;
  const root = "/v1/accounts/acme";
  const ID = "pp-job-7b1d4e2a";
  const { origin, seen } = await documented(({ method, path, query, headers }) => {
    const job = (state: string) => ({
      name: `accounts/acme/batchInferenceJobs/${ID}`,
      displayName: "job-7b1d4e2a",
      state: `JOB_STATE_${state}`,
      createTime: "2026-11-30T10:00:00Z",
      inputDatasetId: `accounts/acme/datasets/${ID}-in`,
      outputDatasetId: `accounts/acme/datasets/${ID}-out`,
    });
    const signed = (file: string) => `http://${String(headers["host"])}/signed/${file}`;
    switch (`${method} ${path.replace(root, "")}`) {
      case "POST /datasets":
        return { status: 409, json: { code: 6, message: "The data set exists" } };
      case `POST /datasets/${ID}-in:upload`:
        return { json: {} };
      case "POST /batchInferenceJobs":
        return query.get("batchInferenceJobId") === ID ? { json: job("CREATING") } : { status: 400 };
      case "GET /batchInferenceJobs":
        return { json: { batchInferenceJobs: [job("RUNNING")], nextPageToken: "", totalSize: 1 } };
      case `GET /batchInferenceJobs/${ID}`:
        looks += 1;
        return { json: job(looks === 1 ? "RUNNING" : "COMPLETED") };
      case `GET /datasets/${ID}-out:getDownloadEndpoint`:
        return {
          json: {
            filenameToSignedUrls: {
              "a/error_data.jsonl": signed("errors"),
              "a/BIJOutputSet.jsonl": signed("results"),
            },
          },
        };
      case "GET /signed/results":
        return { text: JSON.stringify({ custom_id: "row-0", response: chat("Blue.") }) };
      case "GET /signed/errors":
        return { text: JSON.stringify({ custom_id: "row-1", error: { code: 400, message: "bad request" } }) };
      case `DELETE /datasets/${ID}-in`:
      case `DELETE /datasets/${ID}-out`:
        return { json: {} };
      default:
        return { status: 404, json: { code: 5, message: "not found" } };
    }
  });
  const model = "accounts/fireworks/models/m";
  const baseUrl = `${origin}/inference/v1`;
  const results = await goTheWholeWay(fireworks({ model, apiKey: "k", baseUrl, account: "acme" }));
  expect(results.get("row-0")).toMatchObject({ ok: true, completion: { choices: [{ text: "Blue." }] } });
  expect(results.get("row-1")).toMatchObject({ ok: false, rejection: { code: "BAD_REQUEST" } });
  const file = seen.find(({ form }) => form !== undefined)?.form?.get("file");
  expect(file instanceof File && (await file.text())).toMatch(/^\{"custom_id":"row-0","body":\{"messages"/);
  expect(seen.find(({ method, path }) => method === "POST" && path.endsWith("Jobs"))?.json).toEqual({
    displayName: "job-7b1d4e2a",
    model,
    inputDatasetId: `accounts/acme/datasets/${ID}-in`,
    outputDatasetId: `accounts/acme/datasets/${ID}-out`,
  });
});

it.each(["../files/file-1", "a/b", "..", "%2e%2e", "a?b", ""])(
  "no request is made of a kept job whose id is %j, which could lead the key to another path",
  (id) => {
    const { batch } = openai({ model: "m", apiKey: "k" });
    expect(() => batch?.get(id)).toThrow("which no server gives");
    expect(() => batch?.cancel?.(id)).toThrow("which no server gives");
  },
);
