import type { BatchFileListing, BatchJob, BatchListing, BatchRefusal } from "../../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../../batch/batch-host.ts";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { BatchSteps } from "../../batch/batch-steps.ts";
import { fileListing } from "../../batch/file-listing.ts";
import { countsOf, given, NAME_KEY, safeIds, timeOf } from "../../batch/job-fields.ts";
import { lineBody, withoutModel } from "../../batch/line-body.ts";
import { filesOf, uploadStep } from "../../batch/openai-batches.ts";
import { safeId } from "../../batch/safe-id.ts";
import { uploadForm } from "../../batch/upload-form.ts";
import { windowOf } from "../../batch/window-of.ts";
import { countOf, fieldsOf, listOf, textOf, type Fields } from "../../json-fields.ts";

/**
 * Source: Mistral, "Batch inference". One page of it says a million requests and another 100,000, and the smaller number
 * fits both. Mistral's own page has not been read for the price: none is told, so that no budget is exceeded.
 */
export const MISTRAL_BATCHES: BatchInfo = {
  way: "file",
  limits: { maxRequests: 100_000, maxBytes: 512_000_000, queue: "none", windowHours: [24, 168] },
  price: { factor: 0.5, source: "https://mistral.ai/pricing", date: "2026-11-30" },
  progress: "counts",
  foundBy: "name",
};

const PATH = "/batch/jobs";
const PAGE_SIZE = 100;

/** Mistral's jobs: files as OpenAI has them, but the job has model and operation, and the lines have neither. */
export function mistralBatches(host: BatchHost): BatchForm {
  const steps = new BatchSteps(host);
  const jobOf = (job: Fields): BatchJob | undefined => readJob(job, host);
  const pageOf = (since: number, page: number): BatchListing => {
    const params = { page: String(page), page_size: String(PAGE_SIZE), created_after: dateOf(since) };
    return steps.step(steps.get(PATH, params), ({ data, total }) => {
      // A list without jobs has no data at all.
      if (!Array.isArray(data) && total !== 0) return undefined;
      const jobs = listOf(data).flatMap((each) => jobOf(fieldsOf(each)) ?? []);
      const hasMore = jobs.length > 0 && countOf(total) > (page + 1) * PAGE_SIZE;
      return { jobs, ...(hasMore ? { next: pageOf(since, page + 1) } : {}) };
    });
  };
  return {
    ...infoAt(MISTRAL_BATCHES, host),
    separator: "\n",
    writeLine: (request, key) =>
      `{"custom_id":${JSON.stringify(key)},"body":${withoutModel(lineBody(request))}}`,
    upload: (job) => uploadStep(steps, steps.postLines("/files", uploadForm(job))),
    create: ({ name, windowHours }, fileId) =>
      steps.creation(
        steps.post(PATH, {
          input_files: [fileId],
          endpoint: "/v1/chat/completions",
          model: host.model,
          metadata: { [NAME_KEY]: name },
          timeout_hours: windowOf(MISTRAL_BATCHES, windowHours),
        }),
        jobOf,
      ),
    get: (id) => steps.job(steps.get(`${PATH}/${id}`), jobOf),
    list: (since) => pageOf(since, 0),
    cancel: (id) => steps.done(steps.act(`${PATH}/${id}/cancel`)),
    files: () => filesFrom(steps, 0),
    ...filesOf(steps),
  };
}

function filesFrom(steps: BatchSteps, page: number): BatchFileListing {
  const params = { purpose: "batch", page_size: String(PAGE_SIZE) };
  return fileListing(steps, { ...params, page: String(page) }, ({ data, total }) =>
    listOf(data).length > 0 && countOf(total) > (page + 1) * PAGE_SIZE
      ? filesFrom(steps, page + 1)
      : undefined,
  );
}

function dateOf(time: number): string {
  return new Date(time).toISOString();
}

const PHASES: ReadonlyMap<string, BatchJob["phase"]> = new Map([
  ["QUEUED", "validating"],
  ["RUNNING", "running"],
  ["CANCELLATION_REQUESTED", "ending"],
  ["SUCCESS", "ended"],
  ["FAILED", "ended"],
  ["TIMEOUT_EXCEEDED", "ended"],
  ["CANCELLED", "ended"],
]);

function readJob(job: Fields, host: BatchHost): BatchJob | undefined {
  const id = safeId(job["id"]);
  if (id === undefined) return undefined;
  const state = textOf(job["status"]);
  const outputs = safeIds(job["output_file"], job["error_file"]);
  return {
    id,
    phase: PHASES.get(state) ?? "running",
    state,
    ...given<BatchJob>({
      refused: state === "FAILED" && outputs.length === 0 ? refusalOf(job, host) : undefined,
      name: textOf(fieldsOf(job["metadata"])[NAME_KEY]) || undefined,
      fileId: safeId(listOf(job["input_files"])[0]),
      createdAt: timeOf(job["created_at"]),
    }),
    ...countsOf(job, { total: "total_requests", succeeded: "succeeded_requests", failed: "failed_requests" }),
    outputs,
  };
}

function refusalOf(job: Fields, host: BatchHost): BatchRefusal {
  const error = fieldsOf(listOf(job["errors"])[0]);
  const message = textOf(error["message"]) || "The server refused the batch and does not say why";
  const body = JSON.stringify({ object: "error", message });
  return { rejection: host.rejectionOf({ status: 400, headers: {}, body }) };
}
