import type { Item } from "@parallel-parrot/core";
import type { JournalInspection } from "@parallel-parrot/journal";
import { History } from "../job/history.ts";
import type { Job } from "../job/job.ts";
import { planJob } from "../job/plan.ts";
import { earlierAskings } from "../job/retry-change.ts";
import type { RunOptions } from "../job/run-options.ts";
import { readOnlyRun } from "../journal/read-only-run.ts";
import { AnsweredRows } from "./answered-rows.ts";
import { earlierRuns, type EarlierRun } from "./earlier-runs.ts";
import type { Reason } from "./row-outlook.ts";

/** An earlier run, and its answers; `undefined` where its requests were the same. */
interface Earlier {
  readonly run: EarlierRun;
  readonly answered: AnsweredRows | undefined;
}

/**
 * Compares with what the journal has: answers to the same requests, and answers to requests of earlier runs that
 * differ.
 */
export async function reasonsOf(journal: JournalInspection, job: Job, options: RunOptions): Promise<Reasons> {
  const kept = readOnlyRun(journal);
  const retries = new History(journal).retriesOf(job);
  const answered = new AnsweredRows(options, kept, await earlierAskings(job, { retries, now: job }));
  const earlier = earlierRuns(journal, job).map(async (run): Promise<Earlier> => {
    if (run.changed.length === 0) return { run, answered: undefined };
    return { run, answered: new AnsweredRows(await planJob(run.job, { asks: false }), kept) };
  });
  return new Reasons(answered, await Promise.all(earlier));
}

/** Says for each row whether it would be asked, and why. It has to be given all rows of the input in order. */
export class Reasons {
  readonly #answered: AnsweredRows;
  readonly #earlier: readonly Earlier[];

  /** @param earlier the nearest first */
  constructor(answered: AnsweredRows, earlier: readonly Earlier[]) {
    this.#answered = answered;
    this.#earlier = earlier;
  }

  async next(items: readonly Item[]): Promise<readonly Reason[]> {
    const rows = items.map(({ row }) => row);
    const found = await this.#answered.next(rows);
    const otherwise = await Promise.all(this.#earlier.map(async ({ answered }) => answered?.next(rows)));
    return found.map((known, place): Reason => {
      if (known !== undefined) return known;
      const other = this.#earlier.find((_, which) => otherwise[which]?.[place] !== undefined);
      if (other !== undefined) return { kind: "changed", changed: other.run.changed, run: other.run.id };
      const same = this.#earlier.find(({ run }) => run.changed.length === 0)?.run;
      const wasThere = same !== undefined && (items[place]?.index ?? 0) < same.settled;
      return wasThere ? { kind: "row", run: same.id } : { kind: "new" };
    });
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#answered, ...this.#earlier.flatMap(({ answered }) => answered ?? [])].map((each) =>
        each.close(),
      ),
    );
  }
}
