import type { Usage } from "@parallel-parrot/core";
import type { Rejection } from "../exchange.ts";
import { countOf, fieldsOf, listOf, textOf, type Fields } from "../json-fields.ts";
import type { BatchJob, BatchListing, BatchRefusal, BatchResult } from "./batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "./batch-host.ts";
import type { BatchInfo } from "./batch-info.ts";
import { BatchSteps } from "./batch-steps.ts";
import { fileListing, openaiFiles } from "./file-listing.ts";
import { countsOf, given, NAME_KEY, safeIds, timeOf } from "./job-fields.ts";
import { lineBody, readLine, withModel } from "./line-body.ts";
import { queueLimitIn } from "./queue-limit.ts";
import { safeId } from "./safe-id.ts";
import { uploadForm } from "./upload-form.ts";
import { windowOf } from "./window-of.ts";

/** What a server does in its own way when it has OpenAI's files and batches. */
export interface OpenAIBatches {
  readonly info: BatchInfo;
  /** The operation of all lines, below OpenAI's own root, whatever the server's root is. */
  readonly endpoint: "/v1/chat/completions" | "/v1/responses";
  /** Where files and batches are. @default below the base URL */
  readonly baseUrl?: string | undefined;
  /** The model that the lines name, where it is another one than that of direct requests. @default the same */
  readonly model?: string | undefined;
  /** Whether a list comes in pages. @default true */
  readonly hasPages?: boolean;
}

/** Jobs as OpenAI has them: a file of lines is uploaded, a job is made of it, and its answers are in two files. */
export function openaiBatches(server: OpenAIBatches): (host: BatchHost) => BatchForm {
  const { info, endpoint, hasPages = true } = server;
  return (host) => {
    const steps = new BatchSteps(host, server.baseUrl);
    const jobOf = (batch: Fields): BatchJob | undefined => readJob(batch, host);
    const pageAfter = (after?: string): BatchListing =>
      steps.step(steps.get("/batches", hasPages ? { limit: "100", after } : {}), (body) => {
        if (!Array.isArray(body["data"])) return undefined;
        const jobs = body["data"].flatMap((each) => jobOf(fieldsOf(each)) ?? []);
        const last = jobs.at(-1)?.id;
        const hasMore = hasPages && body["has_more"] === true && last !== undefined && last !== after;
        return { jobs, ...(hasMore ? { next: pageAfter(last) } : {}) };
      });
    return {
      ...infoAt(info, host),
      separator: "\n",
      writeLine(request, key) {
        const direct = lineBody(request);
        const body = server.model === undefined ? direct : withModel(direct, server.model);
        return `{"custom_id":${JSON.stringify(key)},"method":"POST","url":"${endpoint}","body":${body}}`;
      },
      upload: (job) => uploadStep(steps, steps.postLines("/files", uploadForm(job))),
      create: ({ name, windowHours }, fileId) =>
        steps.creation(
          steps.post("/batches", {
            input_file_id: fileId,
            endpoint,
            completion_window: `${windowOf(info, windowHours)}h`,
            metadata: { [NAME_KEY]: name },
          }),
          jobOf,
        ),
      get: (id) => steps.job(steps.get(`/batches/${id}`), jobOf),
      list: () => pageAfter(),
      cancel: (id) => steps.done(steps.act(`/batches/${id}/cancel`)),
      files: () => (hasPages ? openaiFiles(steps) : fileListing(steps, {})),
      ...filesOf(steps),
    };
  };
}

/** The results and what is left over of jobs whose lines, answers and errors are in files. */
export function filesOf(steps: BatchSteps): Pick<BatchForm, "results" | "readResult" | "cleanUp"> {
  return {
    results: ({ outputs }) => outputs.map((file) => steps.lines(steps.get(`/files/${file}/content`))),
    readResult: readOpenAIResult,
    cleanUp: ({ fileId, outputs }) =>
      safeIds(fileId, ...outputs).map((file) => steps.done(steps.delete(`/files/${file}`))),
  };
}

/** The one step of an upload whose response has the `id` of the file; some call it `file_id`. */
export function uploadStep(
  steps: BatchSteps,
  request: ReturnType<BatchSteps["get"]>,
): ReturnType<NonNullable<BatchForm["upload"]>> {
  return steps.step(request, ({ id, file_id }) => {
    const fileId = safeId(id ?? file_id);
    return fileId === undefined ? undefined : { fileId };
  });
}

/** The states of OpenAI's batches, and of those that took over its words. */
export const OPENAI_PHASES: ReadonlyMap<string, BatchJob["phase"]> = new Map([
  ["validating", "validating"],
  ["in_progress", "running"],
  ["finalizing", "ending"],
  ["cancelling", "ending"],
  ["completed", "ended"],
  ["failed", "ended"],
  ["expired", "ended"],
  ["cancelled", "ended"],
]);

function readJob(batch: Fields, host: BatchHost): BatchJob | undefined {
  const id = safeId(batch["id"]);
  if (id === undefined) return undefined;
  const state = textOf(batch["status"]);
  const counts = fieldsOf(batch["request_counts"]);
  return {
    id,
    phase: OPENAI_PHASES.get(state) ?? "running",
    state,
    ...given<BatchJob>({
      refused: state === "failed" ? refusalOf(batch, host) : undefined,
      name: textOf(fieldsOf(batch["metadata"])[NAME_KEY]) || undefined,
      fileId: safeId(batch["input_file_id"]),
      createdAt: timeOf(batch["created_at"]),
      expiresAt: timeOf(batch["expires_at"]),
      usage: usageOf(fieldsOf(batch["usage"]), countOf(counts["completed"])),
    }),
    ...countsOf(counts, { total: "total", succeeded: "completed", failed: "failed" }),
    outputs: safeIds(batch["output_file_id"], batch["error_file_id"]),
  };
}

function usageOf(usage: Fields, requests: number): Usage | undefined {
  if (countOf(usage["total_tokens"]) === 0) return undefined;
  return {
    requests,
    inputTokens: countOf(usage["input_tokens"]),
    outputTokens: countOf(usage["output_tokens"]),
    cachedInputTokens: countOf(fieldsOf(usage["input_tokens_details"])["cached_tokens"]),
    reasoningTokens: countOf(fieldsOf(usage["output_tokens_details"])["reasoning_tokens"]),
  };
}

/** The job's errors, each judged as the response to a direct request would be. One that no line can help counts for the job. */
function refusalOf(batch: Fields, host: BatchHost): BatchRefusal {
  const data = listOf(fieldsOf(batch["errors"])["data"]).map(fieldsOf);
  const errors = (data.length === 0 ? [{}] : data).map((error) => readError(error, host));
  const first = errors.find(({ rejection }) => rejection.verdict !== "fail") ?? errors[0];
  const lines = errors.flatMap(({ line, rejection }) => (line === 0 ? [] : [{ line, rejection }]));
  return {
    rejection: first?.rejection ?? readError({}, host).rejection,
    ...given<BatchRefusal>({
      queueLimit: first?.queueLimit,
      lines: lines.length === 0 ? undefined : lines,
    }),
  };
}

interface JobError extends Pick<BatchRefusal, "rejection" | "queueLimit"> {
  /** The line that it is about, counted from 1; 0 for none. */
  readonly line: number;
}

function readError(error: Fields, host: BatchHost): JobError {
  const message = textOf(error["message"]) || "The server refused the batch and does not say why";
  const isQueue = error["code"] === "token_limit_exceeded" || /\benqueued\b/i.test(message);
  const body = JSON.stringify({ error: { ...error, message } });
  const rejection = host.rejectionOf({ status: isQueue ? 429 : 400, headers: {}, body });
  const queueLimit = isQueue ? queueLimitIn(message) : undefined;
  return {
    rejection: isQueue ? queueIsFull(rejection) : rejection,
    ...(queueLimit === undefined ? {} : { queueLimit }),
    line: countOf(error["line"]),
  };
}

/** Waiting helps in any case: other jobs end, or the next one is smaller. */
function queueIsFull({ message }: Rejection): Rejection {
  return { verdict: "wait", code: "RATE_LIMITED", message };
}

/** Reads a line of either file, and of the many that look like it. An error comes as a response, as words without one, or as status 0 without words. */
export function readOpenAIResult(text: string): BatchResult | undefined {
  const line = readLine(text);
  const key = textOf(line?.fields["custom_id"]);
  if (line === undefined || key === "") return undefined;
  const { status_code: status } = fieldsOf(line.fields["response"]);
  if (typeof status === "number" && status >= 100)
    return { key, response: { status, headers: {}, body: line.json("response", "body") } };
  const { code, message } = fieldsOf(line.fields["error"]);
  const words = `${textOf(code)} ${textOf(message)}`;
  if (/expired/i.test(words)) return { key, lost: "expired" };
  return { key, lost: /cancell?ed/i.test(words) ? "cancelled" : "unknown" };
}
