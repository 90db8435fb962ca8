import type { StoredJob } from "@parallel-parrot/journal";
import { withJournal } from "../../errors/journal-fault.ts";
import { cleanUp, type CleanUpOptions } from "./clean-up.ts";
import type { JobLog } from "./job-log.ts";

/** What {@linkcode closeCollected} needs. */
export interface CloseCollectedOptions extends CleanUpOptions {
  readonly provider: { readonly name: string; readonly baseUrl: string };
  readonly log: JobLog;
}

/**
 * Closes the open jobs whose results are all in the journal: their process has ended before it could note that. No row
 * asks for them any more, so that nobody else would ever look after them.
 */
export async function closeCollected(options: CloseCollectedOptions): Promise<void> {
  const { provider, log } = options;
  const open = withJournal(() => log.batches.jobs({ open: true }));
  for (const job of open) {
    const isOfProvider = job.provider === provider.name && job.url === provider.baseUrl;
    if (job.origin !== "own" || !isOfProvider || job.answers < job.requests) continue;
    await withJournal(() => log.batches.close(job.id, "harvested"));
    await cleanUpAfter(job, options);
  }
}

async function cleanUpAfter({ remote }: StoredJob, options: CloseCollectedOptions): Promise<void> {
  const { client, dialect, signals, keepRemote } = options;
  if (remote === undefined || keepRemote) return;
  try {
    const reading = await client.ask(dialect.get(remote), { signal: signals.all });
    if (reading.ok) await cleanUp(reading.job, options);
  } catch {
    // What is there is deleted by the provider after its time.
  }
}
