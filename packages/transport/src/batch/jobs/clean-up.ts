import type { BatchDialect, BatchJob } from "@parallel-parrot/providers";
import type { Signals } from "../../waiting/signals.ts";
import type { BatchClient } from "../batch-client.ts";

/** What jobs are cleaned up with. */
export interface CleanUpOptions {
  readonly client: BatchClient;
  readonly dialect: BatchDialect;
  readonly signals: Signals;
  /** Whether the files of a job stay at the provider. */
  readonly keepRemote: boolean;
}

/** Deletes what a job has left at the provider, as far as that can be done at once. */
export async function cleanUp(
  view: BatchJob,
  { client, dialect, signals, keepRemote }: CleanUpOptions,
): Promise<void> {
  if (keepRemote) return;
  for (const step of dialect.cleanUp(view)) {
    try {
      await client.ask(step, { signal: signals.all });
    } catch {
      // It is deleted by the provider after its time.
    }
  }
}
