import { invalid } from "../journal-error.ts";
import type { Database } from "./sqlite.ts";
import { digestOfRun } from "./tables/digests.ts";
import { BATCHES_VERSION } from "./tables/schema.ts";
import type { Seals } from "./tables/seals.ts";
import { originOfRun } from "./tables/stored-columns.ts";
import { originOfJob, readJobs } from "./tables/stored-jobs.ts";

/** A journal that is pruned. */
export interface Pruning {
  readonly database: Database;
  readonly version: number;
  readonly seals: Seals;
}

/** A damaged job holds nothing back: nobody can collect what it has answered. */
export function runsWithOpenJobs({ database, version, seals }: Pruning): ReadonlySet<number> {
  if (version < BATCHES_VERSION) return new Set();
  const jobs = readJobs(database, { open: true }, (columns) => originOfJob(database, columns, seals));
  return new Set(jobs.filter(({ origin }) => origin !== "damaged").map(({ run }) => run));
}

/** Removes runs with their records and jobs, and gives the number of records. */
export function removeRuns({ database, version }: Pruning, runs: readonly number[]): number {
  const ids = JSON.stringify(runs);
  const removed = "(SELECT value FROM json_each(?))";
  const { changes } = database.prepare(`DELETE FROM answer WHERE run IN ${removed}`).run(ids);
  if (version >= BATCHES_VERSION) {
    database
      .prepare(`DELETE FROM batch_request WHERE job IN (SELECT id FROM batch_job WHERE run IN ${removed})`)
      .run(ids);
    database.prepare(`DELETE FROM batch_job WHERE run IN ${removed}`).run(ids);
  }
  database.prepare(`DELETE FROM run WHERE id IN ${removed}`).run(ids);
  return Number(changes);
}

/** Removes the failures of runs, so that they are asked again, and gives their number. */
export function removeFailures({ database, seals }: Pruning, runs: readonly number[]): number {
  const condition = "run = ? AND outcome = 'failure'";
  const first = database.prepare(`SELECT min(row) AS row FROM answer WHERE ${condition}`);
  // From its first failure on, a run is not done with its rows any more: they may ask.
  const unsettle = database.prepare("UPDATE run SET settled = min(settled, ?) WHERE id = ?");
  const records = database.prepare(`DELETE FROM answer WHERE ${condition}`);
  let removed = 0;
  for (const id of runs) {
    const row = first.get(id)?.["row"];
    if (typeof row !== "number") continue;
    changeRun(database, id, seals, () => unsettle.run(row, id));
    removed += Number(records.run(id).changes);
  }
  return removed;
}

/** Makes the checks of a run fit what it says after a change. Those of somebody else cannot be made. */
function changeRun(database: Database, id: number, seals: Seals, change: () => void): void {
  const select = database.prepare("SELECT * FROM run WHERE id = ?");
  const before = select.get(id) ?? {};
  const origin = originOfRun(before, seals);
  const isSealed = (before["seal"] ?? null) !== null;
  if (isSealed !== seals.hasSecret || origin === "foreign" || origin === "damaged") {
    if (!isSealed && (before["sha256"] ?? null) === null) return change();
    throw invalid(
      "failures",
      `Cannot remove only the failures of run ${id}: it was kept with another secret or with none, or is damaged. Remove the whole run`,
    );
  }
  change();
  const digest = digestOfRun(select.get(id) ?? {});
  const seal = origin === "adopted" ? seals.sealAdopted(digest) : seals.seal(digest);
  database.prepare("UPDATE run SET sha256 = ?, seal = ? WHERE id = ?").run(digest, seal, id);
}
