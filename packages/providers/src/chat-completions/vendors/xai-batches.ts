import type {
  BatchFileListing,
  BatchJob,
  BatchListing,
  BatchOutput,
  BatchRefusal,
  BatchResult,
} from "../../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../../batch/batch-host.ts";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { BatchSteps } from "../../batch/batch-steps.ts";
import { fileListing } from "../../batch/file-listing.ts";
import { given, safeIds, timeOfDate } from "../../batch/job-fields.ts";
import { lineBody, readLine } from "../../batch/line-body.ts";
import { uploadStep } from "../../batch/openai-batches.ts";
import { lostBy, rpcStatusOf } from "../../batch/rpc-status.ts";
import { safeId } from "../../batch/safe-id.ts";
import { uploadForm } from "../../batch/upload-form.ts";
import { countOf, fieldsOf, textOf, type Fields } from "../../json-fields.ts";

/** Source: xAI, "Batch API". It calls the price reduced and has no number. */
export const XAI_BATCHES: BatchInfo = {
  way: "file",
  limits: { maxRequests: 50_000, maxBytes: 200_000_000, queue: "none" },
  // It was half of the price at first; by now it is 0.5 to 0.8, by model.
  price: { factor: 0.8, source: "https://docs.x.ai/developers/pricing", date: "2026-11-30" },
  progress: "counts",
  foundBy: "name",
};

const PATH = "/batches";
const PAGE_SIZE = "100";

/**
 * xAI's jobs: a file of OpenAI's lines, no word for the state but counts, and results on pages, which can be read while
 * the job runs. A job to which requests are added one by one is not made: a crash would leave half of it running.
 */
export function xaiBatches(host: BatchHost): BatchForm {
  const steps = new BatchSteps(host);
  const jobOf = (body: Fields): BatchJob | undefined => readJob(body, host);
  const pageOf = (token?: string): BatchListing =>
    steps.step(
      steps.get(PATH, { limit: PAGE_SIZE, pagination_token: token }),
      ({ batches, pagination_token }) => {
        if (!Array.isArray(batches)) return undefined;
        const jobs = batches.flatMap((each) => jobOf(fieldsOf(each)) ?? []);
        const next = nextToken(pagination_token, token);
        return { jobs, ...(next === undefined ? {} : { next: pageOf(next) }) };
      },
    );
  const resultsOf = (id: string, token?: string): BatchOutput =>
    steps.page(
      steps.get(`${PATH}/${id}/results`, { limit: PAGE_SIZE, pagination_token: token }),
      ({ results, pagination_token }) => {
        if (!Array.isArray(results)) return undefined;
        const next = nextToken(pagination_token, token);
        return { results, ...(next === undefined ? {} : { next: resultsOf(id, next) }) };
      },
    );
  return {
    ...infoAt(XAI_BATCHES, host),
    separator: "\n",
    writeLine: (request, key) =>
      `{"custom_id":${JSON.stringify(key)},"method":"POST","url":"/v1/chat/completions","body":${lineBody(request)}}`,
    // It takes the file alone.
    upload: (job) => uploadStep(steps, steps.postLines("/files", uploadForm(job, {}))),
    create: ({ name }, fileId) => steps.creation(steps.post(PATH, { name, input_file_id: fileId }), jobOf),
    get: (id) => steps.job(steps.get(`${PATH}/${id}`), jobOf),
    list: () => pageOf(),
    cancel: (id) => steps.done(steps.act(`${PATH}/${id}:cancel`)),
    files: () => filesFrom(steps),
    results: ({ outputs }) => outputs.map((id) => resultsOf(id)),
    readResult: readXaiResult,
    cleanUp: ({ fileId }) => safeIds(fileId).map((file) => steps.done(steps.delete(`/files/${file}`))),
  };
}

function filesFrom(steps: BatchSteps, token?: string): BatchFileListing {
  const params = { limit: PAGE_SIZE, order: "desc", pagination_token: token };
  return fileListing(steps, params, ({ pagination_token }) => {
    const next = nextToken(pagination_token, token);
    return next === undefined ? undefined : filesFrom(steps, next);
  });
}

function nextToken(token: unknown, current: string | undefined): string | undefined {
  const next = textOf(token);
  return next === "" || next === current ? undefined : next;
}

/** 1e-10 US dollars. */
const DOLLARS_PER_TICK = 1e-10;

function readJob(job: Fields, host: BatchHost): BatchJob | undefined {
  const id = safeId(job["batch_id"]);
  if (id === undefined) return undefined;
  const counts = readCounts(fieldsOf(job["state"]));
  const why = textOf(job["cancel_by_xai_message"]);
  const isCancelled = why !== "" || textOf(job["cancel_time"]) !== "";
  const hasResults = counts.succeeded + counts.failed > 0;
  const { total_cost_usd_ticks: ticks } = fieldsOf(job["cost_breakdown"]);
  return {
    id,
    ...stateOf(counts, isCancelled),
    ...given<BatchJob>({
      refused: why !== "" && !hasResults ? refusalOf(why, host) : undefined,
      name: textOf(job["name"]) || undefined,
      fileId: safeId(job["input_file_id"]),
      createdAt: timeOfDate(job["create_time"]),
      expiresAt: timeOfDate(job["expire_time"]),
      cost: Number(ticks) > 0 ? Number(ticks) * DOLLARS_PER_TICK : undefined,
    }),
    // The counts are 0 until the file was read.
    ...(counts.total === 0
      ? {}
      : { total: counts.total, succeeded: counts.succeeded, failed: counts.failed }),
    outputs: hasResults ? [id] : [],
  };
}

interface Counts {
  readonly total: number;
  readonly pending: number;
  readonly succeeded: number;
  /** With those that were cancelled. */
  readonly failed: number;
}

function readCounts(state: Fields): Counts {
  const count = (name: string): number => countOf(state[`num_${name}`]);
  return {
    total: count("requests"),
    pending: count("pending"),
    succeeded: count("success"),
    failed: count("error") + count("cancelled"),
  };
}

/** The state in words of our own, as xAI has none. */
function stateOf({ total, pending }: Counts, isCancelled: boolean): Pick<BatchJob, "phase" | "state"> {
  if (isCancelled)
    return pending > 0 ? { phase: "ending", state: "cancelling" } : { phase: "ended", state: "cancelled" };
  if (total === 0) return { phase: "validating", state: "validating" };
  return pending > 0 ? { phase: "running", state: "running" } : { phase: "ended", state: "completed" };
}

/** A job with a line that is not right is cancelled by xAI, which says why in words alone. */
function refusalOf(why: string, host: BatchHost): BatchRefusal {
  const [, aboutModel = ""] = why.split(/\bmodel\b/i, 2);
  const isModel = /\b(?:not (?:supported|found)|does not exist)/i.test(aboutModel);
  const body = JSON.stringify({ code: "", error: why });
  const line = countOf(/\bline (\d+)/i.exec(why)?.[1]);
  const rejection = host.rejectionOf({ status: isModel ? 404 : 400, headers: {}, body });
  return { rejection, ...(line === 0 ? {} : { lines: [{ line, rejection }] }) };
}

/** Reads a result of a page. Its error has the number of one of `google.rpc`, or words alone. */
function readXaiResult(text: string): BatchResult | undefined {
  const line = readLine(text);
  const key = textOf(line?.fields["batch_request_id"]);
  if (line === undefined || key === "") return undefined;
  const { batch_result, error_message } = line.fields;
  const { response, error } = fieldsOf(batch_result);
  const { code, message } = fieldsOf(error);
  const words = textOf(message) || textOf(error_message);
  const lost = /^(?:batch_)?cancell?ed$/i.test(textOf(code)) ? "cancelled" : lostBy({ code });
  if (lost !== undefined) return { key, lost };
  const hasError = words !== "" || countOf(code) > 0;
  if (!hasError && fieldsOf(response)["chat_get_completion"] !== undefined) {
    const body = line.json("batch_result", "response", "chat_get_completion");
    return { key, response: { status: 200, headers: {}, body } };
  }
  if (!hasError) return { key, lost: "unknown" };
  const { status, name } = rpcStatusOf({ code });
  return { key, response: { status, headers: {}, body: JSON.stringify({ code: name, error: words }) } };
}
