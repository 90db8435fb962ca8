import { isParrotError } from "@parallel-parrot/core";
import { digestOfRun } from "./tables/digests.ts";
import type { RunSummary } from "../journal.ts";
import { failed, invalid, messageOf } from "../journal-error.ts";
import { sizeOf } from "./journal-size.ts";
import { lockJournal } from "../files/lock.ts";
import { openExisting } from "./open-existing.ts";
import { countRows } from "./tables/count-rows.ts";
import { Seals } from "./tables/seals.ts";
import type { Database } from "./sqlite.ts";
import { originOfRun, readRuns } from "./tables/stored-columns.ts";

/** What {@linkcode pruneJournal} removes: the runs that meet every condition given, with their records. */
export interface PruneOptions {
  /** Runs that were last begun, written to, found in or ended longer ago than this. */
  readonly olderThanMs?: number;
  /** These runs, by id. */
  readonly runs?: readonly number[];
  /** All but so many runs, those last used. */
  readonly keepRuns?: number;
  /**
   * Only records of failures, so that they are asked for again; their runs stay, with what they have paid.
   * Of all runs where no other condition is given. @default false
   */
  readonly failures?: boolean;
  /** That of {@linkcode JournalOptions}: needed for `failures` of runs that were kept with one. @default none */
  readonly secret?: Uint8Array | undefined;
}

/** What {@linkcode pruneJournal} has removed. */
export interface Pruned {
  /** Ids of runs, oldest first. */
  readonly runs: readonly number[];
  readonly records: number;
  /** Size on the disk. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Removes runs from a journal, or their failures, and gives the space back to the disk; needs as much free
 * space as the journal takes meanwhile, and blocks its thread. What a later run had found in a removed one is
 * asked for again.
 *
 * @throws ParrotError `JOURNAL_IN_USE` while a run writes to it, `JOURNAL_UNUSABLE` where there is none,
 *   `INVALID_OPTION` where nothing says what to remove, or something that is not there
 */
export async function pruneJournal(path: string, options: PruneOptions): Promise<Pruned> {
  checkOptions(options);
  const seals = new Seals(options.secret);
  const { database } = await openExisting(path);
  try {
    const unlock = await lockJournal(path);
    try {
      const { bytes: bytesBefore } = await sizeOf(path, database);
      // To remove and to copy what has no end would fill the disk.
      for (const source of ["answer NOT INDEXED", "run"]) countRows(database, source);
      const removed = remove(database, options, seals);
      reclaim(path, database, removed.records + removed.runs.length);
      const { bytes: bytesAfter } = await sizeOf(path, database);
      return { ...removed, bytesBefore, bytesAfter };
    } finally {
      unlock();
    }
  } catch (error) {
    throw isParrotError(error) ? error : failed(path, messageOf(error), error);
  } finally {
    database.close();
  }
}

function checkOptions({ olderThanMs, runs, keepRuns, failures }: PruneOptions): void {
  if (olderThanMs === undefined && runs === undefined && keepRuns === undefined && failures !== true)
    throw invalid(
      "olderThanMs",
      "Cannot prune the journal: none of the options olderThanMs, runs, keepRuns and failures says what to remove",
    );
  if (olderThanMs !== undefined && !(olderThanMs >= 0))
    throw invalid(
      "olderThanMs",
      `Cannot use the option olderThanMs: expected a number of at least 0, got ${olderThanMs}`,
    );
  if (keepRuns !== undefined && !(Number.isInteger(keepRuns) && keepRuns >= 0))
    throw invalid(
      "keepRuns",
      `Cannot use the option keepRuns: expected a whole number of at least 0, got ${keepRuns}`,
    );
}

function remove(database: Database, options: PruneOptions, seals: Seals): Pick<Pruned, "runs" | "records"> {
  database.exec("BEGIN IMMEDIATE");
  try {
    const runs = chooseRuns(readRuns(database, seals), options);
    const records =
      options.failures === true ? removeFailures(database, runs, seals) : removeRuns(database, runs);
    database.exec("COMMIT");
    return { runs: options.failures === true ? [] : runs, records };
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function chooseRuns(all: readonly RunSummary[], { olderThanMs, runs, keepRuns }: PruneOptions): number[] {
  const unknown = runs?.find((id) => !all.some((run) => run.id === id));
  if (unknown !== undefined) throw invalid("runs", `The journal has no run ${unknown}`);
  const before = Date.now() - (olderThanMs ?? 0);
  const kept = new Set(
    all
      .toSorted((a, b) => b.touchedAt - a.touchedAt || b.id - a.id)
      .slice(0, keepRuns ?? 0)
      .map(({ id }) => id),
  );
  return all
    .filter(
      ({ id, touchedAt }) =>
        (olderThanMs === undefined || touchedAt < before) && runs?.includes(id) !== false && !kept.has(id),
    )
    .map(({ id }) => id);
}

function removeRuns(database: Database, runs: readonly number[]): number {
  const records = database.prepare("DELETE FROM answer WHERE run IN (SELECT value FROM json_each(?))");
  const { changes } = records.run(JSON.stringify(runs));
  database.prepare("DELETE FROM run WHERE id IN (SELECT value FROM json_each(?))").run(JSON.stringify(runs));
  return Number(changes);
}

function removeFailures(database: Database, runs: readonly number[], seals: Seals): number {
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

/** Gives the space of removed rows back to the disk, also of those that an earlier prune could not give back. */
function reclaim(path: string, database: Database, removed: number): void {
  const { freelist_count: free } = database.prepare("PRAGMA freelist_count").get() ?? {};
  try {
    if (removed > 0 || Number(free) > 0) database.exec("VACUUM");
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (cause) {
    throw failed(
      path,
      `its records are removed, but the file could not be made smaller: ${messageOf(cause)}`,
      cause,
    );
  }
}
