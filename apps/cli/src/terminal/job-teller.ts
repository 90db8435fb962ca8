import type { BatchProgress } from "@parallel-parrot/transport";
import { describeJob } from "./describe-batch.ts";

/** Tells of each job in a line of its own: when it is made, when its state changes, and when its results are in. */
export class JobTeller {
  readonly #say: (line: string) => void;
  /** What was told last of each open job. */
  readonly #told = new Map<number, string>();

  #hasToldWait = false;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  look(batch: BatchProgress | undefined): void {
    if (batch === undefined) return;
    if (!batch.makesJobs && batch.jobs.length > 0) this.#tellWait();
    for (const job of batch.jobs) {
      const { id, remote, state, heldBackBy } = job;
      const said = JSON.stringify([remote, state, heldBackBy]);
      // Until it is made there is nothing that a person could look up.
      if (this.#told.get(id) === said || (remote === undefined && heldBackBy === undefined)) continue;
      this.#told.set(id, said);
      this.#say(describeJob(job));
    }
    const open = new Set(batch.jobs.map(({ id }) => id));
    for (const id of this.#told.keys()) {
      if (open.has(id)) continue;
      this.#told.delete(id);
      this.#say(`job ${id}: done with; what it has answered is in the journal`);
    }
  }

  /** Says why a run waits for jobs that makes none. */
  #tellWait(): void {
    if (this.#hasToldWait) return;
    this.#hasToldWait = true;
    this.#say(
      "Rows that are in an open batch job of an earlier run wait for it, as to ask them again would be paid for twice; the others are asked directly. parrot batch cancel ends a job",
    );
  }
}
