import type { BatchApi, JobReading, SimFile, SimJob, SimLine } from "../../batches/batch-api.ts";
import type { SimResponse } from "../../dialect.ts";
import { asText, isObject, parseJson, type JsonObject } from "../../json-value.ts";
import {
  getOrCancel,
  listOrCreate,
  matchFiles,
  writeFile,
  writeResult,
} from "../chat-completions/batches.ts";

const PATH = "/v1/batch/jobs";

/** Mistral's jobs: files as OpenAI has them, and lines without operation and model. */
export const mistralBatchApi: BatchApi = {
  results: "apart",
  match({ method, path }) {
    if (path === PATH) return listOrCreate(method);
    const [, id, cancel] = /^\/v1\/batch\/jobs\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
    if (id === undefined) return matchFiles(method, path, "/v1");
    if (method === "DELETE" && cancel === undefined) return { operation: "deleteJob", id };
    return getOrCancel(method, id, cancel !== undefined);
  },
  readJob,
  idOf: (_, digits) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, "$1-$2-4$3-8$4-00$5").slice(0, 36),
  notFound: (what) => refuse(404, what === "file" ? "File not found" : "Job not found"),
  refuse,
  writeFile: (file) => ({ ...writeFile(file), sample_type: "batch_request", source: "upload" }),
  writeFiles(files, query) {
    const size = Number(query.get("page_size") ?? 100);
    const start = Number(query.get("page") ?? 0) * size;
    return {
      object: "list",
      data: files.slice(start, start + size).map((file) => mistralBatchApi.writeFile(file)),
      total: files.length,
    };
  },
  writeJob,
  writeJobs(jobs, query) {
    const after = Date.parse(query.get("created_after") ?? "") || 0;
    const found = jobs.filter(({ createdMs }) => createdMs >= after);
    const size = Number(query.get("page_size") ?? 100);
    const start = Number(query.get("page") ?? 0) * size;
    const data = found.slice(start, start + size).map(writeJob);
    return { object: "list", ...(data.length > 0 && { data }), total: found.length };
  },
  writeResult,
  writeDeleted: (what, id) => ({ id, object: what === "file" ? "file" : "batch", deleted: true }),
};

function refuse(status: number, message: string): SimResponse {
  const body = { object: "error", message, type: "invalid_request_error", param: null, code: null };
  return { status, headers: {}, body };
}

function readJob(body: unknown, fileOf: (id: string) => SimFile | undefined): JobReading {
  if (!isObject(body)) return { refused: refuse(400, "The body is not JSON") };
  const { input_files, endpoint, model, metadata = null, timeout_hours = 24 } = body;
  if (endpoint !== "/v1/chat/completions")
    return { refused: refuse(422, "endpoint: Input should be a path") };
  if (typeof model !== "string") return { refused: refuse(422, "model: Field required") };
  const files = (Array.isArray(input_files) ? input_files : []).map((id) => fileOf(asText(id)));
  const [file] = files;
  if (files.length !== 1 || file?.purpose !== "batch")
    return { refused: refuse(404, "One of the input files was not found") };
  const lines: SimLine[] = [];
  const texts = file.content.replace(/\r?\n$/, "").split("\n");
  for (const text of texts) {
    const line = parseJson(text);
    const sent = isObject(line) ? line["body"] : undefined;
    if (!isObject(line) || !isObject(sent)) return { refused: refuse(400, "Invalid batch file") };
    lines.push({ key: asText(line["custom_id"]), path: endpoint, body: { model, ...sent } });
  }
  const windowMs = Number(timeout_hours) * 3_600_000;
  return { request: { lines, inputFile: file.id, metadata, endpoint, model, windowMs } };
}

const STATES: Readonly<Record<SimJob["state"], string>> = {
  validating: "QUEUED",
  running: "RUNNING",
  finalizing: "RUNNING",
  cancelling: "CANCELLATION_REQUESTED",
  completed: "SUCCESS",
  failed: "FAILED",
  expired: "TIMEOUT_EXCEEDED",
  cancelled: "CANCELLED",
};

function writeJob(job: SimJob): JsonObject {
  const { counts, endedMs, problem } = job;
  return {
    id: job.id,
    object: "batch",
    input_files: [job.inputFile],
    metadata: job.metadata,
    endpoint: job.endpoint,
    model: job.model,
    output_file: job.outputFile ?? null,
    error_file: job.errorFile ?? null,
    errors: problem === undefined ? [] : [{ message: problem.message, count: 1 }],
    status: job.stateWord ?? STATES[job.state],
    created_at: Math.floor(job.createdMs / 1000),
    total_requests: counts.total,
    completed_requests: counts.succeeded + counts.failed,
    succeeded_requests: counts.succeeded,
    failed_requests: counts.failed,
    started_at: null,
    completed_at: endedMs === undefined ? null : Math.floor(endedMs / 1000),
  };
}
