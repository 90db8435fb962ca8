import type { BatchJob, BatchListing, BatchRequest, BatchResult } from "../batch/batch-dialect.ts";
import { type BatchForm, type BatchHost, infoAt } from "../batch/batch-host.ts";
import type { BatchInfo } from "../batch/batch-info.ts";
import { BatchSteps } from "../batch/batch-steps.ts";
import { given, timeOfDate } from "../batch/job-fields.ts";
import { lineBody, readLine, type ResultLine } from "../batch/line-body.ts";
import { safeId } from "../batch/safe-id.ts";
import { countOf, fieldsOf, textOf, type Fields } from "../json-fields.ts";

/** Source: Anthropic, "Batch processing" and "Create a Message Batch". */
export const ANTHROPIC_BATCHES: BatchInfo = {
  way: "body",
  limits: {
    maxRequests: 100_000,
    maxBytes: 256_000_000,
    queue: "requests",
    leastQueue: { limit: 100_000, of: "tier 1" },
    retentionDays: 29,
  },
  price: {
    factor: 0.5,
    source: "https://platform.claude.com/docs/en/build-with-claude/batch-processing",
    date: "2026-11-30",
  },
  progress: "none",
  foundBy: "count",
};

const PATH = "/v1/messages/batches";

/** Message batches: all requests in one body, no name, and results at an address that the job tells. */
export function anthropicBatches(host: BatchHost): BatchForm {
  const steps = new BatchSteps(host);
  const pageAfter = (after?: string): BatchListing =>
    steps.step(steps.get(PATH, { limit: "100", after_id: after }), (body) => {
      if (!Array.isArray(body["data"])) return undefined;
      const jobs = body["data"].flatMap((each) => jobOf(fieldsOf(each)) ?? []);
      const last = jobs.at(-1)?.id;
      const hasMore = body["has_more"] === true && last !== undefined && last !== after;
      return { jobs, ...(hasMore ? { next: pageAfter(last) } : {}) };
    });
  return {
    ...infoAt(ANTHROPIC_BATCHES, host),
    separator: ",",
    writeLine: (request, key) => `{"custom_id":${JSON.stringify(key)},"params":${lineBody(request)}}`,
    create: () =>
      steps.creation(
        steps.postLines(PATH, { before: '{"requests":[', after: "]}", type: "application/json" }),
        jobOf,
      ),
    get: (id) => steps.job(steps.get(`${PATH}/${id}`), jobOf),
    list: () => pageAfter(),
    cancel: (id) => steps.done(steps.act(`${PATH}/${id}/cancel`)),
    results: ({ id, outputs: [url] }) =>
      url === undefined ? [] : [steps.lines(resultsAt(url, id, steps, host))],
    readResult: readAnthropicResult,
    cleanUp: ({ id }) => [steps.done(steps.delete(`${PATH}/${id}`))],
  };
}

/** At the address that the job tells. Behind a gateway it is that of the API itself, to which the key must not go. */
function resultsAt(url: string, id: string, steps: BatchSteps, { baseUrl }: BatchHost): BatchRequest {
  const own = steps.get(`${PATH}/${id}/results`, {}, { accept: "application/binary" });
  const isHere = URL.parse(url)?.origin === new URL(baseUrl).origin;
  return isHere ? { ...own, url } : own;
}

const PHASES: ReadonlyMap<string, BatchJob["phase"]> = new Map([
  ["in_progress", "running"],
  ["canceling", "ending"],
  ["ended", "ended"],
]);

const FAILURES = ["errored", "canceled", "expired"];

function jobOf(batch: Fields): BatchJob | undefined {
  const id = safeId(batch["id"]);
  if (id === undefined) return undefined;
  const state = textOf(batch["processing_status"]);
  const phase = PHASES.get(state) ?? "running";
  const counts = fieldsOf(batch["request_counts"]);
  const succeeded = countOf(counts["succeeded"]);
  const failed = FAILURES.reduce((sum, name) => sum + countOf(counts[name]), 0);
  const total = countOf(counts["processing"]) + succeeded + failed;
  const url = textOf(batch["results_url"]);
  return {
    id,
    phase,
    state,
    ...given<BatchJob>({
      createdAt: timeOfDate(batch["created_at"]),
      expiresAt: timeOfDate(batch["expires_at"]),
      total: total === 0 ? undefined : total,
    }),
    // Until the end all requests are counted as being processed.
    ...(phase === "ended" ? { succeeded, failed } : {}),
    outputs: url === "" ? [] : [url],
  };
}

/** The status that a direct request has with an error of this type. Source: Anthropic, "Errors". */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["authentication_error", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["api_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

function readAnthropicResult(text: string): BatchResult | undefined {
  const line = readLine(text);
  const key = textOf(line?.fields["custom_id"]);
  if (line === undefined || key === "") return undefined;
  switch (fieldsOf(line.fields["result"])["type"]) {
    case "succeeded":
      return { key, response: { status: 200, headers: {}, body: line.json("result", "message") } };
    case "errored":
      return { key, response: { status: statusOf(line), headers: {}, body: line.json("result", "error") } };
    case "expired":
      return { key, lost: "expired" };
    case "canceled":
      return { key, lost: "cancelled" };
    default:
      return { key, lost: "unknown" };
  }
}

function statusOf({ fields }: ResultLine): number {
  const error = fieldsOf(fieldsOf(fields["result"])["error"]);
  const type = textOf(fieldsOf(error["error"])["type"]) || textOf(error["type"]);
  return STATUSES.get(type) ?? 500;
}
