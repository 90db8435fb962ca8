import type { StoredJob } from "@parallel-parrot/journal";
import { queueLimitIn, type Provider } from "@parallel-parrot/providers";

/** For how long a refusal is believed: whoever pays more, or waits, gets a higher limit. */
const BELIEVED_MS = 86_400_000;

/**
 * The most that may be queued at an API for a model, as the last refusal of a job names it; `undefined` where none did
 * of late.
 *
 * @param jobs those of a journal, oldest first
 */
export function learnedQueueLimit(
  jobs: readonly StoredJob[],
  { name, baseUrl, model }: Pick<Provider, "name" | "baseUrl" | "model">,
): number | undefined {
  const since = Date.now() - BELIEVED_MS;
  return jobs.reduce<number | undefined>((limit, job) => {
    const { error = "", origin, provider, url, createdAt } = job;
    const isOfModel = provider === name && url === baseUrl && job.model === model;
    if (!isOfModel || origin !== "own" || createdAt < since || !/\benqueued\b/i.test(error)) return limit;
    return queueLimitIn(error) ?? limit;
  }, undefined);
}
