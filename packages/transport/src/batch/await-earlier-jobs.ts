import type { JournalRun, StoredJob } from "@parallel-parrot/journal";
import { withJournal } from "../errors/journal-fault.ts";
import type { Endpoint } from "../request/endpoint.ts";
import type { AwaitedJobs, AwaitingParts } from "../run/awaited-jobs.ts";

/**
 * Lets a direct run wait for jobs that earlier runs have left open, as to ask once more what is in one is to pay for it
 * twice. Without such a job this is one look into the journal, and the code of batches is not loaded.
 */
export async function awaitEarlierJobs(
  run: JournalRun,
  parts: AwaitingParts,
): Promise<AwaitedJobs | undefined> {
  const { batches, path = "" } = run;
  if (batches === undefined) return undefined;
  const open = withJournal(() => batches.jobs({ open: true })).filter(({ origin }) => origin === "own");
  if (open.length === 0) return undefined;
  const places = new Map<Endpoint, readonly StoredJob[]>();
  for (const endpoint of parts.senders.flatMap(({ endpoints }) => endpoints)) {
    const jobs = open.filter((job) => isAt(job, endpoint));
    if (jobs.length > 0) places.set(endpoint, jobs);
  }
  if (places.size === 0) return undefined;
  const { EarlierJobs } = await import("./earlier-jobs.ts");
  return EarlierJobs.open({ ...parts, run, path, places });
}

function isAt({ provider, url }: StoredJob, { provider: { name, baseUrl, batch } }: Endpoint): boolean {
  return batch !== undefined && provider === name && url === baseUrl;
}
