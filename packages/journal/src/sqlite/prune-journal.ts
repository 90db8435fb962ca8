import { isParrotError } from "@parallel-parrot/core";
import type { RunSummary } from "../journal.ts";
import { failed, invalid, messageOf } from "../journal-error.ts";
import { sizeOf } from "./journal-size.ts";
import { lockJournal } from "../files/lock.ts";
import { openExisting } from "./open-existing.ts";
import { countRows } from "./tables/count-rows.ts";
import { BATCHES_VERSION } from "./tables/schema.ts";
import { Seals } from "./tables/seals.ts";
import type { Database } from "./sqlite.ts";
import { removeFailures, removeRuns, runsWithOpenJobs, type Pruning } from "./remove-runs.ts";
import { readRuns } from "./tables/stored-columns.ts";

/**
 * What {@linkcode pruneJournal} removes: the runs that meet every condition given, with their records. Runs with open
 * jobs at a batch API stay, as what those answer would have to be paid for again.
 */
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
  /** Ids of the runs that were to be removed and stay, as a job that they have planned is open still; oldest first. */
  readonly withOpenJobs: readonly number[];
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
  const { database, version } = await openExisting(path);
  try {
    const unlock = await lockJournal(path);
    try {
      const { bytes: bytesBefore } = await sizeOf(path, database);
      // To remove and to copy what has no end would fill the disk.
      for (const source of sourcesOf(version)) countRows(database, source);
      const removed = remove({ database, version, seals }, options);
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

function sourcesOf(version: number): readonly string[] {
  const tables = ["answer NOT INDEXED", "run"];
  return version < BATCHES_VERSION ? tables : [...tables, "batch_job", "batch_request"];
}

function remove(pruning: Pruning, options: PruneOptions): Omit<Pruned, "bytesBefore" | "bytesAfter"> {
  const { database, seals } = pruning;
  database.exec("BEGIN IMMEDIATE");
  try {
    const chosen = chooseRuns(readRuns(database, seals), options);
    if (options.failures === true) {
      const records = removeFailures(pruning, chosen);
      database.exec("COMMIT");
      return { runs: [], records, withOpenJobs: [] };
    }
    const open = runsWithOpenJobs(pruning);
    const runs = chosen.filter((id) => !open.has(id));
    const records = removeRuns(pruning, runs);
    database.exec("COMMIT");
    return { runs, records, withOpenJobs: chosen.filter((id) => open.has(id)) };
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
