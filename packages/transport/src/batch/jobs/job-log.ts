import type { JobChanges, JobEnd, RunBatches } from "@parallel-parrot/journal";
import { withJournal } from "../../errors/journal-fault.ts";
import type { OpenJob } from "./open-job.ts";

/** Notes in the journal what becomes of jobs, before what follows from it is done. */
export class JobLog {
  readonly batches: RunBatches;

  constructor(batches: RunBatches) {
    this.batches = batches;
  }

  /** Resolves once it would survive the loss of power. */
  async change(job: OpenJob, changes: JobChanges): Promise<void> {
    await withJournal(() => this.batches.change(job.id, changes));
    job.stored = { ...job.stored, ...changes };
  }

  /** Frees the requests of a job. */
  async close(job: OpenJob, end: JobEnd, error?: string): Promise<void> {
    await withJournal(() => this.batches.close(job.id, end, error === undefined ? {} : { error }));
    job.stored = { ...job.stored, state: end };
  }
}
