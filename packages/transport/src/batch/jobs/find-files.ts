import type { StoredJob } from "@parallel-parrot/journal";
import type { BatchDialect, BatchFile, BatchFileListing } from "@parallel-parrot/providers";
import type { BatchClient } from "../batch-client.ts";
import { ask } from "./ask-patiently.ts";
import { CLOCK_MS } from "./find-job.ts";

/**
 * The files that were uploaded for a job, as the API lists them: an upload whose answer was lost, or did not come into the
 * journal, has left one. Names of jobs are drawn at random, so that nobody else's file has one. None where files cannot be
 * listed.
 */
export async function findFiles(
  client: BatchClient,
  dialect: BatchDialect,
  { name, createdAt }: Pick<StoredJob, "name" | "createdAt">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let page = dialect.files?.(); page !== undefined;) {
    const { files, next }: { readonly files: readonly BatchFile[]; readonly next?: BatchFileListing } =
      await ask(client, page, { signal });
    found.push(...files.filter(({ job }) => job === name).map(({ id }) => id));
    // Newest first, as far as is known: pages of what is older are not needed.
    const since = createdAt - CLOCK_MS;
    page = files.some((file) => file.createdAt !== undefined && file.createdAt < since) ? undefined : next;
  }
  return found;
}
