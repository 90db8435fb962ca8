import type { StoredJob } from "@parallel-parrot/journal";
import type { BatchDialect, BatchJob } from "@parallel-parrot/providers";
import { isTransient, isThrottled } from "../../errors/verdict.ts";
import type { Signals } from "../../waiting/signals.ts";
import type { BatchClient } from "../batch-client.ts";
import { ask } from "./ask-patiently.ts";

/** What jobs are cleaned up with. */
export interface CleanUpOptions {
  readonly client: BatchClient;
  readonly dialect: BatchDialect;
  readonly signals: Signals;
  /** Whether the files of a job stay at the provider. */
  readonly keepRemote: boolean;
}

/**
 * Deletes what a job has left at the provider, as far as that can be done at once. Returns whether nothing of it is there
 * any more, as far as the server lets it be deleted.
 *
 * @param view what the server said of it; some do not name the file with its requests
 */
export async function cleanUp(
  { file }: Pick<StoredJob, "file">,
  view: BatchJob,
  { client, dialect, signals }: CleanUpOptions,
): Promise<boolean> {
  const { fileId = file } = view;
  let isClean = true;
  for (const step of dialect.cleanUp({ ...view, ...(fileId === undefined ? {} : { fileId }) })) {
    try {
      await ask(client, step, { signal: signals.all });
    } catch (error) {
      // What the server refuses to delete is gone already, or is deleted by the provider after its time.
      if (signals.all.aborted || isTransient(error) || isThrottled(error)) isClean = false;
    }
  }
  return isClean;
}
