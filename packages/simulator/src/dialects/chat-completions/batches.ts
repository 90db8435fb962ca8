import type {
  BatchApi,
  BatchCall,
  JobReading,
  SimFile,
  SimJob,
  SimJobProblem,
  SimLine,
  SimOutcome,
} from "../../batches/batch-api.ts";
import type { SimResponse } from "../../dialect.ts";
import { asText, isObject, parseJson, type JsonObject } from "../../json-value.ts";

/** Makes the files and batches of a server that has OpenAI's, below this path of its host. */
export function openaiBatchApi(basePath: string): BatchApi {
  return {
    results: "apart",
    match: ({ method, path }) => matchFiles(method, path, basePath) ?? matchBatches(method, path, basePath),
    readJob: (body, fileOf) => readJob(body, fileOf, basePath),
    idOf: (what, digits) => `${what === "file" ? "file-" : "batch_"}${digits}`,
    notFound: (what, id) =>
      refuse(404, what === "file" ? `No such File object: ${id}` : `No batch found with id '${id}'.`),
    refuse,
    writeFile,
    writeFiles,
    writeJob,
    writeJobs,
    writeResult,
    writeDeleted: (_, id) => ({ id, object: "file", deleted: true }),
  };
}

/** Finds what a request to OpenAI's files asks for. */
export function matchFiles(method: string, path: string, basePath: string): BatchCall | undefined {
  const [, id, content] = /^\/files(?:\/([^/]+))?(\/content)?$/.exec(below(path, basePath)) ?? [];
  if (below(path, basePath) === "/files") {
    if (method === "POST") return { operation: "upload" };
    return method === "GET" ? { operation: "files" } : undefined;
  }
  if (id === undefined) return undefined;
  if (method === "DELETE") return content === undefined ? { operation: "deleteFile", id } : undefined;
  if (method !== "GET") return undefined;
  return { operation: content === undefined ? "file" : "content", id };
}

function matchBatches(method: string, path: string, basePath: string): BatchCall | undefined {
  const rest = below(path, basePath);
  if (rest === "/batches") return listOrCreate(method);
  const [, id, cancel] = /^\/batches\/([^/]+)(\/cancel)?$/.exec(rest) ?? [];
  return id === undefined ? undefined : getOrCancel(method, id, cancel !== undefined);
}

/** What the address of all jobs is for. */
export function listOrCreate(method: string): BatchCall | undefined {
  if (method === "POST") return { operation: "create" };
  return method === "GET" ? { operation: "list" } : undefined;
}

/** What the address of a job, or of its cancellation, is for. */
export function getOrCancel(method: string, id: string, isCancel: boolean): BatchCall | undefined {
  if (isCancel) return method === "POST" ? { operation: "cancel", id } : undefined;
  return method === "GET" ? { operation: "get", id } : undefined;
}

function below(path: string, basePath: string): string {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : "";
}

const ENDPOINTS = new Set(["/v1/chat/completions", "/v1/responses"]);

function readJob(body: unknown, fileOf: (id: string) => SimFile | undefined, basePath: string): JobReading {
  if (!isObject(body)) return { refused: refuse(400, "We could not parse the JSON body of your request.") };
  const { input_file_id, endpoint, completion_window, metadata = null } = body;
  for (const name of ["input_file_id", "endpoint", "completion_window"])
    if (typeof body[name] !== "string")
      return { refused: refuse(400, `Missing required parameter: '${name}'.`, name) };
  const hours = Number(/^(\d+)([hd])$/.exec(asText(completion_window))?.[1]);
  const windowHours = asText(completion_window).endsWith("d") ? hours * 24 : hours;
  if (!(windowHours >= 1 && windowHours <= 168))
    return { refused: refuse(400, `Invalid value: '${asText(completion_window)}'.`, "completion_window") };
  if (!ENDPOINTS.has(asText(endpoint)))
    return { refused: refuse(400, `Invalid value: '${asText(endpoint)}'.`, "endpoint") };
  const file = fileOf(asText(input_file_id));
  if (file?.purpose !== "batch")
    return { refused: refuse(400, `Invalid 'input_file_id': No such File object: ${asText(input_file_id)}`) };
  const { lines, problem } = readLines(file.content, asText(endpoint), basePath);
  const request = {
    lines,
    inputFile: file.id,
    metadata,
    endpoint: asText(endpoint),
    model: modelOf(lines[0]),
    windowMs: windowHours * 3_600_000,
  };
  return { request: { ...request, ...(problem === undefined ? {} : { problem }) } };
}

function modelOf(line: SimLine | undefined): string | undefined {
  return isObject(line?.body) ? asText(line.body["model"]) : undefined;
}

function readLines(
  content: string,
  endpoint: string,
  basePath: string,
): { lines: readonly SimLine[]; problem?: SimJobProblem } {
  const texts = content.replace(/\r?\n$/, "").split("\n");
  const lines: SimLine[] = [];
  const keys = new Set<string>();
  for (const [index, text] of texts.entries()) {
    const parsed = parseJson(text);
    const problem = isObject(parsed)
      ? problemOf(parsed, endpoint, keys, modelOf(lines[0]))
      : { code: "invalid_json_line", message: "This line is not parseable as valid JSON." };
    if (problem !== undefined) return { lines, problem: { ...problem, line: index + 1 } };
    if (!isObject(parsed)) continue;
    const key = asText(parsed["custom_id"]);
    keys.add(key);
    // The operation is told below OpenAI's root, wherever the server has it.
    lines.push({ key, path: `${basePath}${endpoint.slice("/v1".length)}`, body: parsed["body"] });
  }
  return { lines };
}

function problemOf(
  line: JsonObject,
  endpoint: string,
  keys: ReadonlySet<string>,
  model: string | undefined,
): SimJobProblem | undefined {
  const { custom_id, method, url, body } = line;
  if (typeof custom_id !== "string" || custom_id === "")
    return { code: "missing_required_parameter", message: "Missing required parameter: 'custom_id'." };
  if (keys.has(custom_id))
    return { code: "duplicate_custom_id", message: `The custom_id '${custom_id}' is used more than once.` };
  if (method !== "POST")
    return { code: "invalid_method", message: "The HTTP method provided is not supported by the Batch API." };
  if (url !== endpoint)
    return { code: "mismatched_url", message: `The URL '${asText(url)}' does not match the batch endpoint.` };
  if (!isObject(body)) return { code: "invalid_json_line", message: "The body is not an object." };
  if (body["stream"] === true)
    return { code: "invalid_request", message: "Streaming is not supported by the Batch API." };
  if (model !== undefined && body["model"] !== model)
    return { code: "mismatched_model", message: "All requests of a batch must have the same model." };
  return undefined;
}

/** Writes a refusal in OpenAI's words. */
function refuse(status: number, message: string, param: string | null = null): SimResponse {
  const type = status === 429 ? "requests" : "invalid_request_error";
  const code = status === 429 ? "rate_limit_exceeded" : null;
  return { status, headers: {}, body: { error: { message, type, param, code } } };
}

/** Writes a file as OpenAI does. */
export function writeFile({ id, name, purpose, content, createdMs }: SimFile): JsonObject {
  return {
    id,
    object: "file",
    bytes: Buffer.byteLength(content),
    created_at: seconds(createdMs),
    filename: name,
    purpose,
    status: "processed",
  };
}

function writeFiles(files: readonly SimFile[], query: URLSearchParams): JsonObject {
  const wanted = files.filter(({ purpose }) => purpose === (query.get("purpose") ?? purpose));
  const { page, hasMore } = pageOf(wanted, query.get("after"), query.get("limit") ?? "100");
  const ids = page.map(({ id }) => id);
  return {
    object: "list",
    data: page.map(writeFile),
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
    has_more: hasMore,
  };
}

const STATES: Readonly<Partial<Record<SimJob["state"], string>>> = { running: "in_progress" };

function writeJob(job: SimJob): JsonObject {
  const { state, problem, counts, endedMs, cancelledMs, windowMs = 86_400_000 } = job;
  const endedAt = (word: string): JsonObject =>
    state === word && endedMs !== undefined ? { [`${word}_at`]: seconds(endedMs) } : {};
  return {
    id: job.id,
    object: "batch",
    endpoint: job.endpoint,
    errors:
      problem === undefined
        ? null
        : {
            object: "list",
            data: [problem, ...(problem.others ?? [])].map(({ code, message, line = null }) => ({
              code,
              message,
              line,
              param: null,
            })),
          },
    input_file_id: job.inputFile,
    completion_window: `${windowMs / 3_600_000}h`,
    status: job.stateWord ?? STATES[state] ?? state,
    output_file_id: job.outputFile ?? null,
    error_file_id: job.errorFile ?? null,
    created_at: seconds(job.createdMs),
    expires_at: seconds(job.expiresMs),
    ...(cancelledMs === undefined ? {} : { cancelling_at: seconds(cancelledMs) }),
    ...endedAt("completed"),
    ...endedAt("failed"),
    ...endedAt("expired"),
    ...endedAt("cancelled"),
    request_counts:
      state === "validating" || state === "failed"
        ? { total: 0, completed: 0, failed: 0 }
        : { total: counts.total, completed: counts.succeeded, failed: counts.failed },
    metadata: job.metadata,
  };
}

function writeJobs(jobs: readonly SimJob[], query: URLSearchParams): JsonObject {
  const { page, hasMore } = pageOf(jobs, query.get("after"), query.get("limit") ?? "20");
  const data = page.map(writeJob);
  const ids = page.map(({ id }) => id);
  return { object: "list", data, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null, has_more: hasMore };
}

/** The jobs or files behind one of them, as many as are wanted. */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  after: string | null,
  limit: string,
): { page: readonly T[]; hasMore: boolean } {
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const end = start + Math.min(Math.max(Number(limit) || 20, 1), 100);
  return { page: all.slice(start, end), hasMore: end < all.length };
}

/** Writes a line of either file. */
export function writeResult(outcome: SimOutcome, digits: string): JsonObject {
  const line = { id: `batch_req_${digits}`, custom_id: outcome.key };
  switch (outcome.kind) {
    case "response": {
      const { status, body } = outcome.response;
      return { ...line, response: { status_code: status, request_id: `req_${digits}`, body }, error: null };
    }
    case "statusZero":
      return { ...line, response: { status_code: 0, request_id: "", body: {} }, error: null };
    case "expired":
      return {
        ...line,
        response: null,
        error: {
          code: "batch_expired",
          message: "This request could not be executed before the completion window expired.",
        },
      };
    case "cancelled":
    default:
      return {
        ...line,
        response: null,
        error: { code: "batch_cancelled", message: "The batch was cancelled." },
      };
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
