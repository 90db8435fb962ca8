import type { BatchDialect, BatchJob, BatchListing } from "@parallel-parrot/providers";
import type { BatchClient } from "../batch-client.ts";
import { askPatiently, type Patience } from "./ask-patiently.ts";
import type { OpenJob } from "./open-job.ts";

/** How much the clocks of both sides may differ. */
export const CLOCK_MS = 300_000;

/** Asks for the jobs of the API from a time on, page by page. */
export async function* listJobs(
  client: BatchClient,
  dialect: BatchDialect,
  since: number,
  patience: Patience,
): AsyncGenerator<BatchJob> {
  for (let page: BatchListing | undefined = dialect.list(since); page !== undefined;) {
    const { jobs, next }: { readonly jobs: readonly BatchJob[]; readonly next?: BatchListing } =
      await askPatiently(client, page, patience);
    yield* jobs;
    // Newest first, as far as is known: pages of what is older are not needed.
    page = jobs.some(({ createdAt }) => createdAt !== undefined && createdAt < since) ? undefined : next;
  }
}

/**
 * Looks for the jobs that were made of this one, oldest first, where the creation got no answer. There may be more than
 * one, where a list showed the first too late.
 */
export async function findJobs(
  client: BatchClient,
  dialect: BatchDialect,
  job: OpenJob,
  patience: Patience,
): Promise<readonly BatchJob[]> {
  const { sentAt = job.stored.createdAt } = job.stored;
  const found: BatchJob[] = [];
  for await (const each of listJobs(client, dialect, sentAt - CLOCK_MS, patience))
    if (isOf(each, job, dialect, sentAt)) found.push(each);
  return found.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}

function isOf(
  each: BatchJob,
  { stored: { name, file, known = [], requests } }: OpenJob,
  { foundBy }: BatchDialect,
  sentAt: number,
): boolean {
  // A job that was refused as a whole ran nothing, and another one is made with its name.
  if (each.refused !== undefined || known.includes(each.id)) return false;
  const isOfFile = file !== undefined && each.fileId === file;
  if (foundBy === "file") return isOfFile;
  if (foundBy === "name") return each.name === name || (each.name === undefined && isOfFile);
  return each.total === requests && (each.createdAt ?? sentAt) >= sentAt - CLOCK_MS;
}
