import { ParrotError } from "@parallel-parrot/core";
import type { Journal, JournalBatches, StoredJob } from "@parallel-parrot/journal";
import { nearName } from "../journal/journal-place.ts";
import { isOpen } from "./describe-stored-job.ts";

/** The jobs that a journal keeps. */
export function batchesOf({ batches }: Journal, path: string): JournalBatches {
  if (batches === undefined) throw cannot(path, "it keeps no batch jobs");
  return batches;
}

/** The job with this number. @throws ParrotError where there is none, it is done with, or somebody else has made it */
export function findJob(batches: JournalBatches, id: number, path: string): StoredJob {
  const job = batches.jobs().find((each) => each.id === id);
  if (job === undefined)
    throw cannot(path, `it has no job ${id}; parrot batch list --all lists the jobs that it has`);
  if (job.origin !== "own") {
    throw new ParrotError(
      "JOURNAL_FOREIGN",
      `Cannot act on job ${id} in ${nearName(path)}: it is not signed by you, or was changed since. Its requests count as being in no job, so that nothing waits for it`,
      { file: path },
    );
  }
  if (!isOpen(job)) throw cannot(path, `job ${id} is done with: it is ${job.state}`);
  return job;
}

function cannot(path: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot act on a job in ${nearName(path)}: ${why}`, {
    file: path,
  });
}
