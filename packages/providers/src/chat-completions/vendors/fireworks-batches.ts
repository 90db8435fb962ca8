import type {
  BatchJob,
  BatchJobSpec,
  BatchListing,
  BatchOutput,
  BatchRefusal,
  BatchResult,
  BatchUpload,
} from "../../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../../batch/batch-host.ts";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { BatchSteps } from "../../batch/batch-steps.ts";
import { countsOf, given, timeOfDate } from "../../batch/job-fields.ts";
import { lineBody, readLine, withoutModel } from "../../batch/line-body.ts";
import { readOpenAIResult } from "../../batch/openai-batches.ts";
import { rpcStatusNamed } from "../../batch/rpc-status.ts";
import { safeId } from "../../batch/safe-id.ts";
import { uploadForm } from "../../batch/upload-form.ts";
import { countOf, fieldsOf, textOf, type Fields } from "../../json-fields.ts";

/** Source: Fireworks AI, "Batch inference". A data set may have 500 MB, and one that is uploaded at once 150 MB. */
export const FIREWORKS_BATCHES: BatchInfo = {
  way: "file",
  limits: { maxBytes: 150_000_000, queue: "none" },
  price: { factor: 0.5, source: "https://docs.fireworks.ai/guides/batch-inference", date: "2026-11-30" },
  progress: "counts",
  foundBy: "name",
  isUntried: true,
};

/**
 * Fireworks' jobs: they and their data sets are below an account, have the model once, and results at addresses of a
 * storage that are asked for. There is no documented cancellation.
 */
export function fireworksBatches(account: string): (host: BatchHost) => BatchForm {
  return (host) => {
    const place = `accounts/${account}`;
    const steps = new BatchSteps(host, `${host.baseUrl.replace(/\/inference(?=\/v\d+$)/, "")}/${place}`);
    const jobOf = (body: Fields): BatchJob | undefined => readJob(body, host);
    const jobBody = (name: string, fileId: string): object => ({
      displayName: name,
      model: host.model,
      inputDatasetId: `${place}/datasets/${fileId}`,
      outputDatasetId: `${place}/datasets/${idOf(name)}-out`,
    });
    const pageOf = (pageToken?: string): BatchListing =>
      steps.step(steps.get(JOBS, { pageSize: "100", pageToken }), ({ batchInferenceJobs, nextPageToken }) => {
        if (!Array.isArray(batchInferenceJobs)) return undefined;
        const jobs = batchInferenceJobs.flatMap((each) => jobOf(fieldsOf(each)) ?? []);
        const token = textOf(nextPageToken);
        return { jobs, ...(token === "" || token === pageToken ? {} : { next: pageOf(token) }) };
      });
    return {
      ...infoAt(FIREWORKS_BATCHES, host),
      separator: "\n",
      writeLine: (request, key) =>
        `{"custom_id":${JSON.stringify(key)},"body":${withoutModel(lineBody(request))}}`,
      upload: (job) => uploadOf(job, steps),
      create: ({ name }, fileId) =>
        steps.creation(
          steps.post(JOBS, jobBody(name, fileId), {}, { batchInferenceJobId: idOf(name) }),
          jobOf,
        ),
      get: (id) => steps.job(steps.get(`${JOBS}/${id}`), jobOf),
      list: () => pageOf(),
      results: ({ outputs }) =>
        outputs.flatMap((id) => [/^(?!.*error)/i, /error/i].map((name) => storedAt(steps, id, name))),
      readResult: readFireworksResult,
      cleanUp: ({ fileId, outputs }) =>
        [fileId, ...outputs].flatMap((id) =>
          id === undefined ? [] : steps.done(steps.delete(`/datasets/${id}`)),
        ),
    };
  };
}

const JOBS = "/batchInferenceJobs";

/** Ids of jobs and data sets have small letters and hyphens. */
function idOf(name: string): string {
  return `pp-${name.toLowerCase().replaceAll("_", "-")}`;
}

/** The first request makes a data set and the second one fills it. One that is there already is filled again. */
function uploadOf(job: BatchJobSpec, steps: BatchSteps): BatchUpload {
  const fileId = `${idOf(job.name)}-in`;
  const fill = steps.step(steps.postLines(`/datasets/${fileId}:upload`, uploadForm(job, {})), () => ({
    fileId,
  }));
  const dataset = { userUploaded: {}, exampleCount: String(job.requests) };
  const make = steps.step(steps.post("/datasets", { datasetId: fileId, dataset }), () => ({ next: fill }));
  return {
    ...make,
    read: (response) => (response.status === 409 ? { ok: true, next: fill } : make.read(response)),
  };
}

/** A file of a data set, at an address that is asked for before. */
function storedAt(steps: BatchSteps, id: string, name: RegExp): BatchOutput {
  return steps.page(steps.get(`/datasets/${id}:getDownloadEndpoint`), ({ filenameToSignedUrls: urls }) => {
    const [, url] = Object.entries(fieldsOf(urls)).find(([file]) => name.test(file)) ?? [];
    const request = steps.at(url, { method: "GET" });
    return { results: [], ...(request === undefined ? {} : { next: steps.lines(request) }) };
  });
}

const PHASES: ReadonlyMap<string, BatchJob["phase"]> = new Map([
  ["CREATING", "validating"],
  ["VALIDATING", "validating"],
  ["PENDING", "validating"],
  ["RUNNING", "running"],
  ["WRITING_RESULTS", "ending"],
  ["COMPLETED", "ended"],
  ["FAILED", "ended"],
  ["CANCELLED", "ended"],
  ["EXPIRED", "ended"],
]);

function readJob(job: Fields, host: BatchHost): BatchJob | undefined {
  const id = lastOf(job["name"]);
  if (id === undefined) return undefined;
  const state = textOf(job["state"]).replace(/^JOB_STATE_/, "");
  const phase = PHASES.get(state) ?? "running";
  const progress = fieldsOf(job["jobProgress"]);
  const hasFailed = state === "FAILED" && countOf(progress["successfullyProcessedRequests"]) === 0;
  const output = lastOf(job["outputDatasetId"]);
  return {
    id,
    phase,
    state,
    ...given<BatchJob>({
      refused: hasFailed ? refusalOf(fieldsOf(job["status"]), host) : undefined,
      name: textOf(job["displayName"]) || undefined,
      fileId: lastOf(job["inputDatasetId"]),
      createdAt: timeOfDate(job["createTime"]),
    }),
    ...countsOf(progress, {
      total: "totalInputRequests",
      succeeded: "successfullyProcessedRequests",
      failed: "failedRequests",
    }),
    outputs: phase === "ended" && !hasFailed && output !== undefined ? [output] : [],
  };
}

/** The id at the end of a name such as `accounts/a/datasets/id`. */
function lastOf(name: unknown): string | undefined {
  const text = textOf(name);
  return safeId(/^accounts\/[^/]+\/[A-Za-z]+\/([^/]+)$/.exec(text)?.[1] ?? text);
}

function refusalOf({ code, message }: Fields, host: BatchHost): BatchRefusal {
  const words = textOf(message) || "The server refused the batch and does not say why";
  const body = JSON.stringify({ error: { message: words } });
  return { rejection: host.rejectionOf({ status: rpcStatusNamed(code) ?? 400, headers: {}, body }) };
}

/** Reads a line of either file. Sources disagree on whether a response is the answer itself or has a status around it. */
function readFireworksResult(text: string): BatchResult | undefined {
  const line = readLine(text);
  const key = textOf(line?.fields["custom_id"]);
  if (line === undefined || key === "") return undefined;
  const { response, error } = line.fields;
  if (fieldsOf(response)["choices"] !== undefined)
    return { key, response: { status: 200, headers: {}, body: line.json("response") } };
  const { code, message = error } = fieldsOf(error);
  const words = textOf(message) || textOf(error);
  const status = countOf(code);
  if (words === "" || response !== undefined) return readOpenAIResult(text);
  return {
    key,
    response: {
      status: status >= 400 && status < 600 ? status : 500,
      headers: {},
      body: JSON.stringify({ error: { message: words } }),
    },
  };
}
