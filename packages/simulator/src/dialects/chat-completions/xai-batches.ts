import type { BatchApi, JobReading, SimFile, SimJob, SimLine, SimOutcome } from "../../batches/batch-api.ts";
import type { SimResponse } from "../../dialect.ts";
import { asText, isObject, parseJson, type JsonObject } from "../../json-value.ts";
import { listOrCreate, matchFiles, writeFile } from "./batches.ts";

const CHAT = "/v1/chat/completions";

/** xAI's jobs: a file without a purpose, counts in the place of a state, and results on pages. */
export const xaiBatchApi: BatchApi = {
  results: "together",
  upload: "fileAlone",
  match({ method, path }) {
    if (path === "/v1/batches") return listOrCreate(method);
    const [, id, rest] = /^\/v1\/batches\/([^/:]+)(:cancel|\/results)?$/.exec(path) ?? [];
    if (id === undefined) return matchFiles(method, path, "/v1");
    if (rest === ":cancel") return method === "POST" ? { operation: "cancel", id } : undefined;
    if (method !== "GET") return undefined;
    return { operation: rest === undefined ? "get" : "results", id };
  },
  readJob,
  idOf: (what, digits) => `${what === "file" ? "file" : "batch"}_${digits}`,
  notFound: (what, id) => refuse(404, `The ${what === "file" ? "file" : "batch"} ${id} was not found.`),
  refuse,
  writeFile,
  writeFiles: (files, query) => pageOf("data", files.map(writeFile), query),
  writeJob,
  writeJobs: (jobs, query) => pageOf("batches", jobs.map(writeJob), query),
  writeResult,
  writeResults: (outcomes, query) => pageOf("results", outcomes.map(writeResult), query),
  writeDeleted: (_, id) => ({ id, deleted: true }),
};

function refuse(status: number, error: string): SimResponse {
  const codes: Readonly<Record<number, string>> = {
    404: "Some requested entity was not found",
    429: "Some resource has been exhausted",
  };
  return {
    status,
    headers: {},
    body: { code: codes[status] ?? "Client specified an invalid argument", error },
  };
}

function pageOf(name: string, all: readonly unknown[], query: URLSearchParams): JsonObject {
  const start = Number(query.get("pagination_token") ?? 0);
  const end = start + Math.min(Math.max(Number(query.get("limit")) || 100, 1), 1000);
  return { [name]: all.slice(start, end), pagination_token: end < all.length ? String(end) : null };
}

function readJob(body: unknown, fileOf: (id: string) => SimFile | undefined): JobReading {
  const { name, input_file_id } = isObject(body) ? body : {};
  if (typeof name !== "string" || name === "") return { refused: refuse(400, "name is required") };
  const file = fileOf(asText(input_file_id));
  if (file?.purpose !== "batch")
    return { refused: refuse(404, `The file ${asText(input_file_id)} was not found.`) };
  const lines: SimLine[] = [];
  const keys = new Set<string>();
  const request = { inputFile: file.id, metadata: name, endpoint: CHAT, model: undefined };
  for (const [index, text] of file.content
    .replace(/\r?\n$/, "")
    .split("\n")
    .entries()) {
    const line = parseJson(text);
    const message = isObject(line) ? problemOf(line, keys) : `invalid JSON on line ${index + 1}`;
    if (message !== undefined || !isObject(line)) {
      const problem = { code: "invalid", message: `JSONL file validation failed: ${message ?? ""}` };
      return { request: { ...request, lines, problem } };
    }
    const key = asText(line["custom_id"]);
    keys.add(key);
    lines.push({ key, path: asText(line["url"]), body: line["body"] });
  }
  return { request: { ...request, lines } };
}

function problemOf(line: JsonObject, keys: ReadonlySet<string>): string | undefined {
  const { custom_id, method, url, body } = line;
  if (typeof custom_id !== "string" || custom_id === "") return "custom_id is required";
  if (keys.has(custom_id)) return `custom_id ${custom_id} is used more than once`;
  if (method !== "POST" || url !== CHAT) return `${asText(method)} ${asText(url)} is not supported`;
  return isObject(body) && body["stream"] !== true ? undefined : "body is not a request without a stream";
}

/** Until the file was read, and when it was refused, all counts are 0. */
function writeJob(job: SimJob): JsonObject {
  const { counts, state, problem, cancelledMs } = job;
  const isRead = state !== "validating" && problem === undefined;
  const cancelled = counts.cancelled + counts.expired;
  const done = counts.succeeded + counts.failed + cancelled;
  return {
    batch_id: job.id,
    name: job.metadata,
    create_time: dateOf(job.createdMs),
    expire_time: dateOf(job.expiresMs),
    create_api_key_id: "key",
    cancel_time: dateOf(problem === undefined ? cancelledMs : job.endedMs),
    cancel_by_xai_message: problem?.message ?? null,
    input_file_id: job.inputFile,
    state: {
      num_requests: isRead ? counts.total : 0,
      num_pending: isRead ? counts.total - done : 0,
      num_success: isRead ? counts.succeeded : 0,
      num_error: isRead ? counts.failed : 0,
      num_cancelled: isRead ? cancelled : 0,
    },
  };
}

function dateOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** The numbers of google.rpc that errors within results have, by the status of a direct response. */
const CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 408: 4, 429: 8, 503: 14 };

function writeResult(outcome: SimOutcome): JsonObject {
  const { key: batch_request_id } = outcome;
  if (outcome.kind === "statusZero") return { batch_request_id, batch_result: {} };
  if (outcome.kind !== "response") {
    const code = outcome.kind === "cancelled" ? 1 : 4;
    return {
      batch_request_id,
      batch_result: { error: { code, message: `The request was ${outcome.kind}.` } },
    };
  }
  const { status, body } = outcome.response;
  if (status === 200) return { batch_request_id, batch_result: { response: { chat_get_completion: body } } };
  const message = isObject(body) ? asText(body["error"]) : "";
  return { batch_request_id, batch_result: { error: { code: CODES[status] ?? 13, message } } };
}
