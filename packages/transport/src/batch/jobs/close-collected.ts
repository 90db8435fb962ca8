import type { StoredJob } from "@parallel-parrot/journal";
import type { BatchJob } from "@parallel-parrot/providers";
import { withJournal } from "../../errors/journal-fault.ts";
import { cleanUp, type CleanUpOptions } from "./clean-up.ts";
import type { JobLog } from "./job-log.ts";
import { isLeftThere, LEFT_THERE } from "./left-there.ts";
import { lookedAfter } from "./looked-after.ts";

/** What {@linkcode closeCollected} needs. */
export interface CloseCollectedOptions extends CleanUpOptions {
  readonly provider: { readonly name: string; readonly baseUrl: string };
  readonly log: JobLog;
}

/**
 * Closes the open jobs whose results are all in the journal, and deletes what closed ones have left at the provider: their
 * process has ended before it could do that. No row asks for them any more, so that nobody else would ever look after them.
 */
export async function closeCollected(options: CloseCollectedOptions): Promise<void> {
  const { log, keepRemote } = options;
  const jobs = withJournal(() => log.batches.jobs());
  for (const job of jobs) {
    if (!isFree(job, options)) continue;
    if (isCollected(job))
      await withJournal(() => log.batches.close(job.id, "harvested", keepRemote ? {} : LEFT_THERE));
    else if (!isLeftThere(job)) continue;
    if (!keepRemote && (await cleanUpAfter(job, options))) await log.cleanedUp(job);
  }
}

/** Whether it is a job of this provider that no other run of this process looks after. */
function isFree(
  { origin, provider, url, name }: StoredJob,
  { provider: own }: CloseCollectedOptions,
): boolean {
  const isOfProvider = provider === own.name && url === own.baseUrl;
  return origin === "own" && isOfProvider && lookedAfter(name) === undefined;
}

/** Whether it is open, and all its results are in the journal. */
function isCollected({ state, answers, requests }: StoredJob): boolean {
  const isClosed = state === "harvested" || state === "refused" || state === "abandoned";
  return !isClosed && answers >= requests;
}

async function cleanUpAfter(job: StoredJob, options: CloseCollectedOptions): Promise<boolean> {
  const { client, dialect, signals } = options;
  const { remote } = job;
  try {
    const unknown: BatchJob = { id: remote ?? "", phase: "ended", state: "", outputs: [] };
    const reading =
      remote === undefined ? undefined : await client.ask(dialect.get(remote), { signal: signals.all });
    const view = reading?.ok === true ? reading.job : unknown;
    return await cleanUp({ stored: job, view, hasStray: job.file === undefined }, options);
  } catch {
    // The next run tries it again.
    return false;
  }
}
