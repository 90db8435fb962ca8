import type { BatchJob, BatchJobSpec, BatchUpload } from "../../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../../batch/batch-host.ts";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { BatchSteps } from "../../batch/batch-steps.ts";
import { given, safeIds, timeOfDate } from "../../batch/job-fields.ts";
import { lineBody } from "../../batch/line-body.ts";
import { filesOf } from "../../batch/openai-batches.ts";
import { safeId } from "../../batch/safe-id.ts";
import { fieldsOf, parseJson, textOf, type Fields } from "../../json-fields.ts";

/** Source: Together AI, "Batch inference", and its libraries. Models have prices of their own in batches: half at least. */
export const TOGETHER_BATCHES: BatchInfo = {
  way: "file",
  limits: {
    maxRequests: 50_000,
    maxBytes: 100_000_000,
    queue: "inputTokens",
    leastQueue: { limit: 30_000_000_000, of: "each model" },
  },
  price: {
    factor: 0.5,
    models: [
      "meta-llama/Llama-3.3-70B-Instruct-Turbo",
      "meta-llama/Llama-3-70b-chat-hf",
      "Qwen/Qwen2.5-7B-Instruct-Turbo",
      "mistralai/Mixtral-8x7B-Instruct-v0.1",
      "zai-org/GLM-4.5-Air-FP8",
    ],
    source: "https://docs.together.ai/docs/inference/batch/overview",
    date: "2026-11-30",
  },
  progress: "none",
  foundBy: "file",
  isUntried: true,
};

/** Together's jobs: a file that goes to a storage of its own, a list without pages, and OpenAI's lines as results. */
export function togetherBatches(host: BatchHost): BatchForm {
  const steps = new BatchSteps(host);
  const jobOf = (body: Fields): BatchJob | undefined => readJob(body, host);
  return {
    ...infoAt(TOGETHER_BATCHES, host),
    separator: "\n",
    writeLine: (request, key) => `{"custom_id":${JSON.stringify(key)},"body":${lineBody(request)}}`,
    upload: (job) => uploadOf(job, steps),
    create: (_, fileId) =>
      steps.creation(
        steps.post("/batches", {
          endpoint: "/v1/chat/completions",
          input_file_id: fileId,
          completion_window: "24h",
        }),
        jobOf,
      ),
    get: (id) => steps.job(steps.get(`/batches/${id}`), jobOf),
    list: () =>
      steps.step(steps.get("/batches"), (_, { body }) => {
        const list = parseJson(body);
        if (!Array.isArray(list)) return undefined;
        return { jobs: list.flatMap((each) => jobOf(fieldsOf(each)) ?? []) };
      }),
    cancel: (id) => steps.done(steps.act(`/batches/${id}/cancel`)),
    ...filesOf(steps),
    results: ({ outputs }) => outputs.map((file) => steps.movedLines(steps.get(`/files/${file}/content`))),
  };
}

/**
 * The first request gives the file its id and redirects to its storage, the second one stores it there without the key,
 * and the third one tells that it is there.
 */
function uploadOf({ name }: BatchJobSpec, steps: BatchSteps): BatchUpload {
  const form = new URLSearchParams({
    purpose: "batch-api",
    file_name: `parallel-parrot-${name}.jsonl`,
    file_type: "jsonl",
  });
  return steps.redirected(steps.postForm("/files", form.toString()), ({ headers }) => {
    const fileId = safeId(headers["x-together-file-id"]);
    const body = { before: "", after: "\n" };
    const type = { "content-type": "application/octet-stream" };
    const store = steps.at(headers["location"], { method: "PUT", headers: type, body });
    if (fileId === undefined || store === undefined) return undefined;
    const told = steps.step(steps.act(`/files/${fileId}/preprocess`), () => ({ fileId }));
    return { next: steps.step(store, () => ({ next: told })) };
  });
}

const PHASES: ReadonlyMap<string, BatchJob["phase"]> = new Map([
  ["VALIDATING", "validating"],
  ["IN_PROGRESS", "running"],
  ["CANCELLING", "ending"],
  ["COMPLETED", "ended"],
  ["FAILED", "ended"],
  ["EXPIRED", "ended"],
  ["CANCELLED", "ended"],
]);

/** Reads a job; one that was just made is in `job`. */
function readJob(body: Fields, host: BatchHost): BatchJob | undefined {
  const job = body["job"] === undefined ? body : fieldsOf(body["job"]);
  const id = safeId(job["id"]);
  if (id === undefined) return undefined;
  const state = textOf(job["status"]);
  const outputs = safeIds(job["output_file_id"], job["error_file_id"]);
  const hasFailed = state === "FAILED" && outputs.length === 0;
  return {
    id,
    phase: PHASES.get(state) ?? "running",
    state,
    ...given<BatchJob>({
      refused: hasFailed ? { rejection: rejectionOf(textOf(job["error"]), host) } : undefined,
      fileId: safeId(job["input_file_id"]),
      createdAt: timeOfDate(job["created_at"]),
      expiresAt: timeOfDate(job["job_deadline"]),
    }),
    outputs,
  };
}

function rejectionOf(why: string, host: BatchHost): ReturnType<BatchHost["rejectionOf"]> {
  const message = why || "The server refused the batch and does not say why";
  return host.rejectionOf({ status: 400, headers: {}, body: JSON.stringify({ error: { message } }) });
}
