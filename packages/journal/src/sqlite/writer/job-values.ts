import { stringifyJson } from "@parallel-parrot/core";
import type { BatchedRequest, JobChanges, JobDescription, JobEnd } from "../../batch-jobs.ts";
import { invalid } from "../../journal-error.ts";
import { manifestProblem } from "../tables/stored-columns.ts";
import { MAX_REQUESTS } from "../tables/stored-requests.ts";
import type { JobColumnValues, RequestValues } from "./write-message.ts";

/** The columns of a job that is planned by a run. */
export function toJobColumns(run: number, job: JobDescription): JobColumnValues {
  const { provider, url, model, name, reserved, priceFactor } = job;
  return {
    run,
    provider,
    url,
    model,
    name,
    bytes: Math.round(job.bytes),
    input_tokens: Math.round(job.inputTokens),
    ...(reserved !== undefined && {
      reserved_tokens: Math.round(reserved.tokens),
      reserved_cost: reserved.cost,
    }),
    ...(priceFactor !== undefined && { price_factor: priceFactor }),
  };
}

/** The requests of a job, as they go to the writing thread. @throws ParrotError `INVALID_OPTION` where there are none */
export function toRequestValues(requests: Iterable<BatchedRequest>): readonly RequestValues[] {
  const values = Array.from(
    requests,
    ({ key, row, replicate, attempts }) => [key, row, replicate, attempts] as const,
  );
  if (values.length > 0 && values.length <= MAX_REQUESTS) return values;
  throw invalid("requests", `A batch job has 1 to ${MAX_REQUESTS} requests, not ${values.length}`);
}

/** The columns that change. @throws ParrotError `INVALID_OPTION` where they would not be read again */
export function toChangedColumns({
  state,
  ...changes
}: Omit<JobChanges, "state"> & { readonly state?: JobChanges["state"] | JobEnd }): JobColumnValues {
  const { file, remote, known, view, error, sentAt, expiresAt, endedAt } = changes;
  const problem = manifestProblem(view);
  if (problem !== undefined) throw invalid("view", `What an API says of a batch job ${problem}`);
  return {
    ...(state !== undefined && { state }),
    ...(file !== undefined && { file }),
    ...(remote !== undefined && { remote }),
    ...(known !== undefined && { known: JSON.stringify(known) }),
    ...(view !== undefined && { view: stringifyJson(view) ?? "{}" }),
    ...(error !== undefined && { error }),
    ...(sentAt !== undefined && { sent_at: Math.round(sentAt) }),
    ...(expiresAt !== undefined && { expires_at: Math.round(expiresAt) }),
    ...(endedAt !== undefined && { ended_at: Math.round(endedAt) }),
  };
}
