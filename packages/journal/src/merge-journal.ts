import { ParrotError } from "@parallel-parrot/core";
import type { Journal, JournalRun, KeptRecord, RunSummary } from "./journal.ts";
import type { InspectedRecord, JournalInspection } from "./sqlite/inspect-journal.ts";

/** What {@linkcode mergeJournal} adds to. */
export interface MergeTarget {
  readonly journal: Journal;
  /** The same journal to look into: a record that is there already is not added. */
  readonly known: Pick<JournalInspection, "find">;
}

/** What {@linkcode mergeJournal} has done. */
export interface Merged {
  /** Runs that records were added of. */
  readonly runs: number;
  readonly records: number;
  /** Records to requests that have one already, which stays. */
  readonly alreadyThere: number;
  /** Records of others that were left out, as they were not to be adopted. */
  readonly foreign: number;
  readonly damaged: number;
  /** Jobs at batch APIs that are open there, and stay there: their results are not in a journal yet. */
  readonly openJobs: number;
}

/** Records that are on their way to the disk at once. */
const MAX_PENDING = 1000;

/**
 * Adds the records of one journal to another, where a run then finds them as its own. A run that is the owner's keeps
 * its manifest and its identity; of the runs of others the records alone are taken over, and those only with `adopt`.
 * To do it again adds nothing.
 *
 * @throws ParrotError `JOURNAL_IN_USE` where a run writes to the journal that is read
 */
export async function mergeJournal(
  from: JournalInspection,
  into: MergeTarget,
  { adopt = false }: { readonly adopt?: boolean } = {},
): Promise<Merged> {
  const writer = await from.writer();
  if (writer !== undefined) {
    throw new ParrotError(
      "JOURNAL_IN_USE",
      `The journal ${from.path} is in use by process ${writer.pid} since ${writer.since}; merge it when that has ended`,
      { file: from.path },
    );
  }
  const merge = new Merge(from, into);
  const counts = { alreadyThere: 0, foreign: 0, damaged: 0 };
  for (const record of from.records()) {
    if (record.origin === "damaged") counts.damaged += 1;
    else if (record.origin === "foreign" && !adopt) counts.foreign += 1;
    else if (merge.isNew(into.known.find(record.key))) await merge.add(record);
    else counts.alreadyThere += 1;
  }
  await merge.end();
  const { length: openJobs } = from.batchJobs({ open: true });
  return { ...counts, openJobs, runs: merge.runs, records: merge.records };
}

class Merge {
  records = 0;
  readonly #journal: Journal;
  readonly #path: string;
  readonly #from: ReadonlyMap<number, RunSummary>;
  /** The runs that records were added to, by their numbers in the journal that is read. */
  readonly #begun = new Map<number, JournalRun>();
  /** Their numbers in the other journal. */
  readonly #own = new Set<number>();
  #pending: Promise<void>[] = [];

  constructor(from: JournalInspection, { journal }: MergeTarget) {
    this.#journal = journal;
    this.#path = from.path;
    this.#from = new Map(from.runs().map((run) => [run.id, run]));
  }

  get runs(): number {
    return this.#begun.size;
  }

  /** Whether a request had no record before the merge. One with several gets all of them: the latest is found. */
  isNew(known: KeptRecord | undefined): boolean {
    return known === undefined || this.#own.has(known.run);
  }

  async add(found: InspectedRecord): Promise<void> {
    // Jobs have other numbers in the other journal.
    const { origin: _, isSettled: _isSettled, batchJob: _job, run: id, ...record } = found;
    const run = this.#begun.get(id) ?? (await this.#begin(id));
    this.records += 1;
    this.#pending.push(run.append(record));
    if (this.#pending.length >= MAX_PENDING) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    for (const [id, run] of this.#begun) {
      const { state = "stopped", settled = 0 } = this.#from.get(id) ?? {};
      run.settle(settled);
      await run.end(state === "finished" ? "finished" : "stopped");
    }
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#pending);
    this.#pending = [];
  }

  async #begin(id: number): Promise<JournalRun> {
    const { origin, identity, manifest = {}, startedAt } = this.#from.get(id) ?? {};
    const merged = { path: this.#path, run: id, startedAt };
    const isOwn = origin === "own";
    // A run of this identity that is there already would be gone on with.
    const isNew = !this.#journal.runs().some((run) => run.identity === identity);
    const run = await this.#journal.begin({
      ...(isOwn && isNew && identity !== undefined ? { identity } : {}),
      manifest: isOwn ? { ...manifest, merged } : { merged },
    });
    this.#begun.set(id, run);
    this.#own.add(run.id);
    return run;
  }
}
