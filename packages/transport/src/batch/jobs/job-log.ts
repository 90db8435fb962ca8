import type { JobChanges, JobEnd, RunBatches } from "@parallel-parrot/journal";
import type { EventPublisher } from "../../events/event-publisher.ts";
import { withJournal } from "../../errors/journal-fault.ts";
import { CLEANED_UP } from "./left-there.ts";
import type { OpenJob } from "./open-job.ts";

/** Notes in the journal what becomes of jobs, before what follows from it is done, and tells it. */
export class JobLog {
  readonly batches: RunBatches;
  readonly #events: EventPublisher;

  constructor(batches: RunBatches, events: EventPublisher) {
    this.batches = batches;
    this.#events = events;
  }

  /** Resolves once it would survive the loss of power. */
  async change(job: OpenJob, changes: JobChanges): Promise<void> {
    await withJournal(() => this.batches.change(job.id, changes));
    job.stored = { ...job.stored, ...changes };
    this.#tell(job, changes.error);
  }

  /** Frees the requests of a job. */
  async close(job: OpenJob, end: JobEnd, changes: Omit<JobChanges, "state"> = {}): Promise<void> {
    await withJournal(() => this.batches.close(job.id, end, changes));
    job.stored = { ...job.stored, state: end };
    this.#tell(job, changes.error);
  }

  /** Nothing of a closed job is left at the provider. */
  async cleanedUp({ id }: Pick<OpenJob, "id">): Promise<void> {
    await withJournal(() => this.batches.change(id, CLEANED_UP));
  }

  #tell({ id, stored }: OpenJob, error: string | undefined): void {
    if (!this.#events.wants("batch:job")) return;
    const { remote, state, requests } = stored;
    this.#events.publish("batch:job", { job: id, remote, state, requests, error });
  }
}
