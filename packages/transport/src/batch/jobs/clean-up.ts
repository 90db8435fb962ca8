import type { StoredJob } from "@parallel-parrot/journal";
import type { BatchDialect, BatchJob } from "@parallel-parrot/providers";
import { isTransient, isThrottled } from "../../errors/verdict.ts";
import type { Signals } from "../../waiting/signals.ts";
import type { BatchClient } from "../batch-client.ts";
import { ask } from "./ask-patiently.ts";
import { findFiles } from "./find-files.ts";

/** What jobs are cleaned up with. */
export interface CleanUpOptions {
  readonly client: BatchClient;
  readonly dialect: BatchDialect;
  readonly signals: Signals;
  /** Whether the files of a job stay at the provider. */
  readonly keepRemote: boolean;
}

/** A job, as far as its files are concerned. */
export interface LeftJob {
  readonly stored: Pick<StoredJob, "file" | "name" | "createdAt">;
  /** What the server said of it; some do not name the file with its requests. */
  readonly view: BatchJob;
  /** Whether there may be files of it that neither names, as the answer to an upload was lost. */
  readonly hasStray: boolean;
}

/**
 * Deletes what a job has left at the provider, as far as that can be done at once. Returns whether nothing of it is there
 * any more, as far as the server lets it be deleted.
 */
export async function cleanUp(
  { stored, view, hasStray }: LeftJob,
  { client, dialect, signals }: CleanUpOptions,
): Promise<boolean> {
  let isClean = true;
  const attempt = async (send: () => Promise<unknown>): Promise<void> => {
    try {
      await send();
    } catch (error) {
      // What the server refuses to delete is gone already, or is deleted by the provider after its time.
      if (signals.all.aborted || isTransient(error) || isThrottled(error)) isClean = false;
    }
  };
  const files = new Set([view.fileId ?? stored.file]);
  if (hasStray)
    await attempt(async () => {
      for (const id of await findFiles(client, dialect, stored, signals.all)) files.add(id);
    });
  for (const fileId of files)
    for (const step of dialect.cleanUp({ ...view, ...(fileId === undefined ? {} : { fileId }) }))
      await attempt(() => ask(client, step, { signal: signals.all }));
  return isClean;
}
