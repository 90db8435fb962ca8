import type { BatchApi, JobReading, SimJob, SimLine, SimOutcome } from "../../batches/batch-api.ts";
import type { SimError, SimResponse } from "../../dialect.ts";
import { isObject, type JsonObject } from "../../json-value.ts";
import { getOrCancel, listOrCreate, pageOf } from "../chat-completions/batches.ts";
import { writeAnthropicError } from "./errors.ts";

const PATH = "/v1/messages/batches";
const KEY = /^[a-zA-Z0-9_-]{1,64}$/;

/** Message batches: the requests in the body, and all results in one place. */
export const anthropicBatchApi: BatchApi = {
  results: "together",
  match({ method, path }) {
    if (path === PATH) return listOrCreate(method);
    const [, id, rest] = /^\/v1\/messages\/batches\/([^/]+)(\/cancel|\/results)?$/.exec(path) ?? [];
    if (id === undefined) return undefined;
    if (rest === "/results") return method === "GET" ? { operation: "results", id } : undefined;
    if (method === "DELETE" && rest === undefined) return { operation: "deleteJob", id };
    return getOrCancel(method, id, rest === "/cancel");
  },
  readJob,
  idOf: (_, digits) => `msgbatch_${digits}`,
  notFound: () => writeAnthropicError({ kind: "pathNotFound", method: "", path: "" }, "0"),
  refuse,
  writeFile: () => ({}),
  writeJob,
  writeJobs(jobs, query) {
    const { page, hasMore } = pageOf(jobs, query.get("after_id"), query.get("limit") ?? "20");
    const ids = page.map(({ id }) => id);
    return {
      data: page.map(writeJob),
      has_more: hasMore,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    };
  },
  writeResult,
  resultsPath: (id) => `${PATH}/${id}/results`,
  writeDeleted: (_, id) => ({ id, type: "message_batch_deleted" }),
};

function refuse(status: number, message: string): SimResponse {
  const errors: Readonly<Record<number, SimError>> = {
    413: { kind: "bodyTooLarge", limitBytes: 256_000_000 },
    429: { kind: "rateLimit", model: "", dimension: "requests" },
  };
  const error = errors[status] ?? { kind: "badRequest", message, status };
  return { ...writeAnthropicError(error, "0"), status };
}

function readJob(body: unknown): JobReading {
  const requests = isObject(body) ? body["requests"] : undefined;
  if (!Array.isArray(requests)) return { refused: refuse(400, "requests: Field required") };
  if (requests.length === 0) return { refused: refuse(400, "requests: List should have at least 1 item") };
  const lines: SimLine[] = [];
  const keys = new Set<string>();
  for (const [index, each] of requests.entries()) {
    const { custom_id: key, params }: JsonObject = isObject(each) ? each : {};
    if (typeof key !== "string" || !KEY.test(key))
      return { refused: refuse(400, `requests.${index}.custom_id: String should match pattern`) };
    if (keys.has(key)) return { refused: refuse(400, `requests: custom_id ${key} is not unique`) };
    if (!isObject(params)) return { refused: refuse(400, `requests.${index}.params: Field required`) };
    if (params["stream"] === true)
      return {
        refused: refuse(400, `requests.${index}.params.stream: streaming is not supported in batches`),
      };
    keys.add(key);
    lines.push({ key, path: "/v1/messages", body: params });
  }
  return { request: { lines, metadata: null, endpoint: "/v1/messages", model: undefined } };
}

const STATES: Readonly<Partial<Record<SimJob["state"], string>>> = {
  validating: "in_progress",
  running: "in_progress",
  finalizing: "in_progress",
  cancelling: "canceling",
};

/** Until the end all requests are counted as being processed. */
function writeJob(job: SimJob): JsonObject {
  const { counts, endedMs, cancelledMs } = job;
  const hasEnded = endedMs !== undefined;
  return {
    id: job.id,
    type: "message_batch",
    processing_status: job.stateWord ?? STATES[job.state] ?? "ended",
    request_counts: {
      processing: hasEnded ? 0 : counts.total,
      succeeded: hasEnded ? counts.succeeded : 0,
      errored: hasEnded ? counts.failed : 0,
      canceled: hasEnded ? counts.cancelled : 0,
      expired: hasEnded ? counts.expired : 0,
    },
    ended_at: dateOf(endedMs),
    created_at: dateOf(job.createdMs),
    expires_at: dateOf(job.expiresMs),
    archived_at: null,
    cancel_initiated_at: dateOf(cancelledMs),
    results_url: job.resultsUrl ?? null,
  };
}

function dateOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function writeResult(outcome: SimOutcome): JsonObject {
  return { custom_id: outcome.key, result: resultOf(outcome) };
}

function resultOf(outcome: SimOutcome): JsonObject {
  switch (outcome.kind) {
    case "response": {
      const { status, body } = outcome.response;
      return status === 200 ? { type: "succeeded", message: body } : { type: "errored", error: body };
    }
    case "cancelled":
      return { type: "canceled" };
    case "expired":
      return { type: "expired" };
    case "statusZero":
    default: {
      const { body } = writeAnthropicError({ kind: "serverError" }, "0");
      return { type: "errored", error: body };
    }
  }
}
