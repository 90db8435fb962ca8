import { counted } from "@parallel-parrot/core";
import type { Journal, StoredJob } from "@parallel-parrot/journal";
import type { BatchOptions } from "@parallel-parrot/transport";
import type { RunOptions } from "../job/run-options.ts";

/** What a run without `--batch` does about jobs that are open: none is made, and what is in one is not asked again. */
const WAITS_FOR_THEM: BatchOptions = { rounds: 0 };

/** The options of batches where a run has to wait for jobs that it or an earlier run has made, and what to say of that. */
export function waitForOpenJobs(
  journal: Journal | undefined,
  { batch, provider }: Pick<RunOptions, "batch" | "provider">,
): { readonly batch: BatchOptions; readonly notes: readonly string[] } | undefined {
  if (batch || provider.batch === undefined) return undefined;
  const open = openJobs(journal).filter(
    (job) => job.provider === provider.name && job.model === provider.model,
  );
  if (open.length === 0) return undefined;
  const requests = open.reduce((sum, job) => sum + job.requests, 0);
  const are = counted(open.length, "batch job is open", "batch jobs are open");
  return {
    batch: WAITS_FOR_THEM,
    notes: [
      `${are} at ${provider.name} with ${counted(requests, "request")} of earlier runs: rows that are in one wait for it, the others are asked directly; parrot batch cancel ends a job`,
    ],
  };
}

function openJobs(journal: Journal | undefined): readonly StoredJob[] {
  return (journal?.batches?.jobs({ open: true }) ?? []).filter(({ origin }) => origin === "own");
}
