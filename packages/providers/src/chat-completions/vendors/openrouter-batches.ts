import type { BatchJob, BatchListing, BatchOutput, BatchRefusal } from "../../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../../batch/batch-host.ts";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { BatchSteps } from "../../batch/batch-steps.ts";
import { countsOf, given, timeOf } from "../../batch/job-fields.ts";
import { lineBody, withoutModel } from "../../batch/line-body.ts";
import { OPENAI_PHASES, readOpenAIResult } from "../../batch/openai-batches.ts";
import { safeId } from "../../batch/safe-id.ts";
import { countOf, fieldsOf, textOf, type Fields } from "../../json-fields.ts";

/** Source: OpenRouter, "Batch API". Each model has a price of its own in batches. */
export const OPENROUTER_BATCHES: BatchInfo = {
  way: "body",
  limits: { maxRequests: 5_000, maxBytes: 200_000_000, queue: "none", retentionDays: 30 },
  // Some of the providers behind it halve what is cached, and some do not.
  price: {
    factor: 0.5,
    spareCached: true,
    source: "https://openrouter.ai/docs/guides/features/batch-api",
    date: "2026-11-30",
  },
  progress: "counts",
  foundBy: "count",
  isUntried: true,
};

/** OpenRouter's jobs: all requests in one body behind the model, no cancellation, and results on pages. */
export function openrouterBatches(host: BatchHost): BatchForm {
  const steps = new BatchSteps(host);
  const jobOf = (body: Fields): BatchJob | undefined => readJob(body, host);
  const pageAfter = (since: number, after?: string): BatchListing => {
    const params = { limit: "100", after, created_after: String(Math.floor(since / 1000)) };
    return steps.step(steps.get("/batches", params), ({ data, has_more, last_id }) => {
      if (!Array.isArray(data)) return undefined;
      const jobs = data.flatMap((each) => jobOf(fieldsOf(each)) ?? []);
      const last = textOf(last_id) || jobs.at(-1)?.id;
      const hasMore = has_more === true && last !== undefined && last !== after;
      return { jobs, ...(hasMore ? { next: pageAfter(since, last) } : {}) };
    });
  };
  const resultsOf = (id: string, cursor?: string): BatchOutput =>
    steps.page(steps.get(`/batches/${id}/results`, { cursor }), ({ data, has_more, next_cursor }) => {
      if (!Array.isArray(data)) return undefined;
      const next = textOf(next_cursor);
      const hasMore = has_more === true && next !== "" && next !== cursor;
      return { results: data, ...(hasMore ? { next: resultsOf(id, next) } : {}) };
    });
  // The variant is the batch itself.
  const model = host.model.replace(/:batch$/, "");
  return {
    ...infoAt(OPENROUTER_BATCHES, host),
    separator: ",",
    writeLine: (request, key) =>
      `{"custom_id":${JSON.stringify(key)},"body":${withoutModel(lineBody(request))}}`,
    // It reads the body as it comes, and needs what is before the requests first.
    create: () =>
      steps.creation(
        steps.postLines("/batches", {
          before: `{"endpoint":"/v1/chat/completions","model":${JSON.stringify(model)},"completion_window":"24h","requests":[`,
          after: "]}",
          type: "application/json",
        }),
        jobOf,
      ),
    get: (id) => steps.job(steps.get(`/batches/${id}`), jobOf),
    list: (since) => pageAfter(since),
    results: ({ outputs }) => outputs.map((id) => resultsOf(id)),
    readResult: readOpenAIResult,
    cleanUp: ({ id }) => [steps.done(steps.delete(`/batches/${id}`))],
  };
}

function readJob(batch: Fields, host: BatchHost): BatchJob | undefined {
  const id = safeId(batch["id"]);
  if (id === undefined) return undefined;
  const state = textOf(batch["status"]);
  const phase = OPENAI_PHASES.get(state) ?? "running";
  const cost = Number(fieldsOf(batch["usage"])["cost"]);
  return {
    id,
    phase,
    state,
    ...given<BatchJob>({
      refused: state === "failed" ? refusalOf(batch, host) : undefined,
      createdAt: timeOf(batch["created_at"]),
      cost: cost > 0 ? cost : undefined,
    }),
    ...countsOf(fieldsOf(batch["request_counts"]), {
      total: "total",
      succeeded: "completed",
      failed: "failed",
    }),
    outputs: phase === "ended" && state !== "failed" ? [id] : [],
  };
}

function refusalOf(batch: Fields, host: BatchHost): BatchRefusal {
  const error = fieldsOf(batch["error"]);
  const message = textOf(error["message"]) || "The server refused the batch and does not say why";
  const code = countOf(error["code"]);
  const status = code >= 400 && code < 600 ? code : 400;
  const body = JSON.stringify({ error: { ...error, message } });
  return { rejection: host.rejectionOf({ status, headers: {}, body }) };
}
