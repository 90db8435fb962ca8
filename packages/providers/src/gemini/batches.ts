import type {
  BatchJob,
  BatchJobSpec,
  BatchListing,
  BatchRefusal,
  BatchResult,
  BatchUpload,
} from "../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../batch/batch-host.ts";
import type { BatchInfo } from "../batch/batch-info.ts";
import { BatchSteps } from "../batch/batch-steps.ts";
import { given, timeOfDate } from "../batch/job-fields.ts";
import { lineBody, readLine } from "../batch/line-body.ts";
import { lostBy, rpcStatusOf } from "../batch/rpc-status.ts";
import { safeId } from "../batch/safe-id.ts";
import { countOf, fieldsOf, listOf, textOf, type Fields } from "../json-fields.ts";
import { modelPath } from "./model-path.ts";

/** Source: Google, "Batch API" and "Rate limits". How many requests a job may have is not told. */
export const GEMINI_BATCHES: BatchInfo = {
  way: "file",
  limits: {
    maxBytes: 2_000_000_000,
    queue: "inputTokens",
    // Of the models of tier 1, which have up to ten million.
    leastQueue: { limit: 3_000_000, of: "tier 1" },
    retentionDays: 2,
  },
  price: {
    factor: 0.5,
    spareCached: true,
    source: "https://ai.google.dev/gemini-api/docs/batch-api",
    date: "2026-11-30",
  },
  progress: "counts",
  foundBy: "name",
};

const ROOT = "/v1beta";
const PAGE_SIZE = "100";

/** Gemini's jobs: a file that is uploaded in two requests, and operations that have the job in them or are it. */
export function geminiBatches(host: BatchHost): BatchForm {
  const steps = new BatchSteps(host);
  const jobOf = (body: Fields): BatchJob | undefined => readJob(body, host);
  const pageOf = (pageToken?: string): BatchListing =>
    steps.step(steps.get(`${ROOT}/batches`, { pageSize: PAGE_SIZE, pageToken }), (body) => {
      const { operations, batches = operations, nextPageToken } = body;
      const jobs = listOf(batches).flatMap((each) => jobOf(fieldsOf(each)) ?? []);
      const token = textOf(nextPageToken);
      return { jobs, ...(token === "" || token === pageToken ? {} : { next: pageOf(token) }) };
    });
  return {
    ...infoAt(GEMINI_BATCHES, host),
    separator: "\n",
    writeLine: (request, key) => `{"key":${JSON.stringify(key)},"request":${lineBody(request)}}`,
    upload: (job) => uploadOf(job, steps),
    create: ({ name }, fileId) =>
      steps.creation(
        steps.post(`${ROOT}/${modelPath(host.model)}:batchGenerateContent`, {
          batch: { displayName: name, inputConfig: { fileName: `files/${fileId}` } },
        }),
        jobOf,
      ),
    get: (id) => steps.job(steps.get(`${ROOT}/batches/${id}`), jobOf),
    list: () => pageOf(),
    cancel: (id) => steps.done(steps.act(`${ROOT}/batches/${id}:cancel`)),
    results: ({ outputs, id }) =>
      outputs.map((output) =>
        output === INLINE
          ? steps.page(steps.get(`${ROOT}/batches/${id}`), (body) => ({ results: inlinedIn(partsOf(body)) }))
          : steps.lines(steps.get(`/download${ROOT}/files/${output}:download`, { alt: "media" })),
      ),
    readResult: readGeminiResult,
    cleanUp: ({ fileId, outputs }) =>
      [fileId, ...outputs.filter((output) => output !== INLINE)].flatMap((file) =>
        file === undefined ? [] : steps.done(steps.delete(`${ROOT}/files/${file}`)),
      ),
  };
}

const TYPE = "application/jsonl";

/** A resumable upload: the first request announces the file, and its response tells where the bytes go. */
function uploadOf({ name, bytes }: BatchJobSpec, steps: BatchSteps): BatchUpload {
  const body = { before: "", after: "\n" };
  const start = steps.post(
    `/upload${ROOT}/files`,
    { file: { displayName: `parallel-parrot-${name}` } },
    {
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": String(bytes + body.after.length),
      "x-goog-upload-header-content-type": TYPE,
    },
  );
  const headers = {
    "content-type": TYPE,
    "x-goog-upload-command": "upload, finalize",
    "x-goog-upload-offset": "0",
  };
  return steps.step(start, (_, response) => {
    const request = steps.at(response.headers["x-goog-upload-url"], { method: "POST", headers, body });
    if (request === undefined) return undefined;
    return {
      next: steps.step(request, ({ file }) => {
        const fileId = idIn(fieldsOf(file)["name"], "files");
        return fileId === undefined ? undefined : { fileId };
      }),
    };
  });
}

/** The id in a name such as `files/abc`. */
function idIn(name: unknown, collection: "files" | "batches"): string | undefined {
  const text = textOf(name);
  const prefix = `${collection}/`;
  return safeId(text.startsWith(prefix) ? text.slice(prefix.length) : text);
}

/** Where an operation has what it tells of its job: in parts of it, or it is the job itself. */
interface OperationParts {
  readonly operation: Fields;
  readonly job: Fields;
  readonly output: Fields;
}

function partsOf(body: Fields): OperationParts {
  const operation = body["batch"] === undefined ? body : fieldsOf(body["batch"]);
  const job = operation["metadata"] === undefined ? operation : fieldsOf(operation["metadata"]);
  const output = fieldsOf(job["output"] ?? operation["response"] ?? operation["output"]);
  return { operation, job, output };
}

/** Stands for results that are in the job itself. No file has such an id. */
const INLINE = "(inline)";

function inlinedIn({ output }: OperationParts): readonly unknown[] {
  const { inlinedResponses } = output;
  return listOf(
    Array.isArray(inlinedResponses) ? inlinedResponses : fieldsOf(inlinedResponses)["inlinedResponses"],
  );
}

/** By the end of the state's name, which begins with `BATCH_STATE_` or `JOB_STATE_`. */
const PHASES: ReadonlyMap<string, BatchJob["phase"]> = new Map([
  ["PENDING", "validating"],
  ["QUEUED", "validating"],
  ["CANCELLING", "ending"],
  ["SUCCEEDED", "ended"],
  ["FAILED", "ended"],
  ["CANCELLED", "ended"],
  ["EXPIRED", "ended"],
]);

function readJob(body: Fields, host: BatchHost): BatchJob | undefined {
  const parts = partsOf(body);
  const { operation, job } = parts;
  const id = idIn(operation["name"] ?? job["name"], "batches");
  if (id === undefined) return undefined;
  const state = textOf(job["state"]).replace(/^(?:BATCH|JOB)_STATE_/, "");
  const word = state.slice(state.lastIndexOf("_") + 1);
  const outputs = outputsIn(parts);
  const phase = PHASES.get(word) ?? (operation["done"] === true ? "ended" : "running");
  return {
    id,
    phase,
    state,
    ...given<BatchJob>({
      refused: phase === "ended" && outputs.length === 0 ? refusalOf(parts, word, host) : undefined,
      name: textOf(job["displayName"]) || undefined,
      fileId: idIn(fieldsOf(job["inputConfig"])["fileName"], "files"),
      createdAt: timeOfDate(job["createTime"]),
    }),
    ...countsIn(job["batchStats"]),
    outputs,
  };
}

/** Google leaves out a count of 0. */
function countsIn(stats: unknown): Pick<BatchJob, "total" | "succeeded" | "failed"> {
  if (stats === undefined) return {};
  const { requestCount, successfulRequestCount, failedRequestCount } = fieldsOf(stats);
  return {
    total: countOf(requestCount),
    succeeded: countOf(successfulRequestCount),
    failed: countOf(failedRequestCount),
  };
}

function outputsIn(parts: OperationParts): readonly string[] {
  const file = idIn(parts.output["responsesFile"], "files");
  if (file !== undefined) return [file];
  return inlinedIn(parts).length > 0 ? [INLINE] : [];
}

/** Why a job failed; one that was cancelled or has expired is not refused, though it has an error, too. */
function refusalOf(
  { operation, job }: OperationParts,
  word: string,
  host: BatchHost,
): BatchRefusal | undefined {
  if (word !== "FAILED") return undefined;
  const error = fieldsOf(operation["error"] ?? job["error"]);
  const message = textOf(error["message"]) || "The server refused the batch and does not say why";
  const body = errorBody({ ...error, code: error["code"] ?? 3, message });
  return { rejection: host.rejectionOf({ headers: {}, ...body }) };
}

/** An error of a job or a line as that of a direct request. */
function errorBody(error: Fields): { readonly status: number; readonly body: string } {
  const { status, name } = rpcStatusOf(error);
  return { status, body: JSON.stringify({ error: { ...error, code: status, status: name } }) };
}

/** Reads a line of the file, or a response that is in the job. */
function readGeminiResult(text: string): BatchResult | undefined {
  const line = readLine(text);
  if (line === undefined) return undefined;
  const { key: ownKey, metadata, response, error } = line.fields;
  const key = textOf(ownKey ?? fieldsOf(metadata)["key"]);
  if (key === "") return undefined;
  if (response !== undefined && response !== null)
    return { key, response: { status: 200, headers: {}, body: line.json("response") } };
  const why = fieldsOf(error);
  const lost = Object.keys(why).length === 0 ? "unknown" : lostBy(why);
  return lost === undefined ? { key, response: { headers: {}, ...errorBody(why) } } : { key, lost };
}
