import type {
  BatchApi,
  BatchCall,
  JobReading,
  SimFile,
  SimJob,
  SimLine,
  SimOutcome,
} from "../../batches/batch-api.ts";
import type { SimResponse, SimTarget } from "../../dialect.ts";
import { asText, isObject, parseJson, type JsonObject } from "../../json-value.ts";
import { writeGeminiError } from "./errors.ts";

const MAKE = /^(\/v1(?:beta)?\/(models\/[^/:]+)):batchGenerateContent$/;
const WINDOW_MS = 172_800_000;

/** Gemini's jobs: a file that is announced before, and operations with the job in them. */
export const geminiBatchApi: BatchApi = {
  results: "together",
  upload: "announced",
  losesExpired: true,
  match,
  readJob,
  idOf: (_, digits) => digits,
  notFound: (what, id) =>
    refuse(404, `${what === "file" ? "File" : "Batch"} ${id} does not exist or you may not access it.`),
  refuse,
  writeFile: (file) => ({ file: writeFile(file) }),
  writeJob,
  writeJobs(jobs, query) {
    const size = Math.min(Math.max(Number(query.get("pageSize")) || 50, 1), 100);
    const start = Number(query.get("pageToken") ?? 0);
    const end = start + size;
    return {
      operations: jobs.slice(start, end).map(writeJob),
      ...(end < jobs.length && { nextPageToken: String(end) }),
    };
  },
  writeResult,
  writeCancelled: () => ({}),
  writeDeleted: () => ({}),
};

function match({ method, path, query }: SimTarget): BatchCall | undefined {
  if (/^\/upload\/v1(?:beta)?\/files$/.test(path) && method === "POST")
    return { operation: query.has("upload_id") ? "upload" : "announce" };
  if (MAKE.test(path)) return method === "POST" ? { operation: "create" } : undefined;
  if (/^\/v1(?:beta)?\/batches$/.test(path)) return method === "GET" ? { operation: "list" } : undefined;
  const [, output] = /^(?:\/download)?\/v1(?:beta)?\/files\/([^/:]+):download$/.exec(path) ?? [];
  if (output !== undefined)
    return method === "GET" && query.get("alt") === "media"
      ? { operation: "content", id: output }
      : undefined;
  const [, kind, id, isCancel] = /^\/v1(?:beta)?\/(files|batches)\/([^/:]+)(:cancel)?$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  if (isCancel !== undefined)
    return method === "POST" && kind === "batches" ? { operation: "cancel", id } : undefined;
  if (method === "GET") return { operation: kind === "files" ? "file" : "get", id };
  if (method === "DELETE") return { operation: kind === "files" ? "deleteFile" : "deleteJob", id };
  return undefined;
}

function refuse(status: number, message: string): SimResponse {
  if (status === 429) return writeGeminiError({ kind: "rateLimit", model: "", dimension: "requests" }, "0");
  return writeGeminiError({ kind: "badRequest", message, status }, "0");
}

function readJob(
  body: unknown,
  fileOf: (id: string) => SimFile | undefined,
  { path }: SimTarget,
): JobReading {
  const batch = isObject(body) && isObject(body["batch"]) ? body["batch"] : {};
  const config = isObject(batch["inputConfig"]) ? batch["inputConfig"] : {};
  const { displayName } = batch;
  if (typeof displayName !== "string" || displayName === "")
    return { refused: refuse(400, "batch.display_name: must be set") };
  const fileName = asText(config["fileName"]);
  const file = fileOf(fileName.replace(/^files\//, ""));
  if (!fileName.startsWith("files/") || file?.purpose !== "batch")
    return { refused: refuse(400, `batch.input_config: the file ${fileName} does not exist`) };
  const [, place = "", model = ""] = MAKE.exec(path) ?? [];
  const operation = `${place}:generateContent`;
  const lines: SimLine[] = [];
  const texts = file.content.replace(/\r?\n$/, "").split("\n");
  const request = {
    inputFile: file.id,
    metadata: displayName,
    endpoint: operation,
    model: decodeURIComponent(model),
    windowMs: WINDOW_MS,
  };
  for (const [index, text] of texts.entries()) {
    const line = parseJson(text);
    const sent = isObject(line) ? line["request"] : undefined;
    if (!isObject(line) || !isObject(sent)) {
      const problem = {
        code: "invalid",
        message: `Line ${index + 1} of the file is not a request.`,
        line: index + 1,
      };
      return { request: { ...request, lines, problem } };
    }
    lines.push({ key: asText(line["key"]), path: operation, body: sent });
  }
  return { request: { ...request, lines } };
}

function writeFile({ id, name, content, createdMs, purpose }: SimFile): JsonObject {
  return {
    name: `files/${id}`,
    displayName: name,
    mimeType: "application/jsonl",
    sizeBytes: String(Buffer.byteLength(content)),
    createTime: dateOf(createdMs),
    state: "ACTIVE",
    source: purpose === "batch" ? "UPLOADED" : "GENERATED",
  };
}

const STATES: Readonly<Record<SimJob["state"], string>> = {
  validating: "PENDING",
  running: "RUNNING",
  finalizing: "RUNNING",
  cancelling: "RUNNING",
  completed: "SUCCEEDED",
  failed: "FAILED",
  expired: "EXPIRED",
  cancelled: "CANCELLED",
};

function writeJob(job: SimJob): JsonObject {
  const { id, counts, endedMs, problem, outputFile, model } = job;
  const output = outputFile === undefined ? undefined : { responsesFile: `files/${outputFile}` };
  const pending = counts.total - counts.succeeded - counts.failed;
  return {
    name: `batches/${id}`,
    metadata: {
      "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
      model,
      displayName: job.metadata,
      inputConfig: { fileName: `files/${job.inputFile ?? ""}` },
      ...(output !== undefined && { output }),
      createTime: dateOf(job.createdMs),
      ...(endedMs !== undefined && { endTime: dateOf(endedMs) }),
      updateTime: dateOf(endedMs ?? job.createdMs),
      batchStats: {
        requestCount: String(counts.total),
        ...(counts.succeeded > 0 && { successfulRequestCount: String(counts.succeeded) }),
        ...(counts.failed > 0 && { failedRequestCount: String(counts.failed) }),
        ...(pending > 0 && { pendingRequestCount: String(pending) }),
      },
      state: `BATCH_STATE_${job.stateWord?.toUpperCase() ?? STATES[job.state]}`,
      name: `batches/${id}`,
    },
    ...(endedMs !== undefined && { done: true }),
    ...(output !== undefined && { response: output }),
    ...(problem !== undefined && {
      error: { code: problem.code === "token_limit_exceeded" ? 8 : 3, message: problem.message },
    }),
  };
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** The numbers of google.rpc that errors within results have. */
const CODES: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
};

function writeResult(outcome: SimOutcome): JsonObject {
  const { key } = outcome;
  if (outcome.kind === "statusZero") return { key };
  if (outcome.kind !== "response") return { key, error: { code: 1, message: "The batch was cancelled." } };
  const { status, body } = outcome.response;
  if (status === 200) return { key, response: body };
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : {};
  return { key, error: { code: CODES[asText(error["status"])] ?? 13, message: error["message"] } };
}
