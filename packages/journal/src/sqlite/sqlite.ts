import { resolve } from "node:path";
import type * as Sqlite from "node:sqlite";
import { loadSqlite } from "@parallel-parrot/core";
import { requireNoSuperJournal } from "./super-journal.ts";

/** A connection to an SQLite file. */
export type Database = Sqlite.DatabaseSync;

const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

/** Opens an SQLite file. */
export function openDatabase(path: string, options: { readonly readOnly?: boolean } = {}): Database {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path, options);
}

/**
 * Opens an SQLite file that somebody else may have made: nothing in its schema may call functions with effects,
 * the sizes in its pages are checked, and its schema is changed only by statements that say so. Its pages are not mapped
 * into memory: a file that shrinks would end the process. A rollback journal beside it has no other file deleted.
 *
 * @throws where such a journal is there
 */
export function openGuarded(path: string, options: { readonly readOnly?: boolean } = {}): Database {
  // A name that begins with `file:`, or is `:memory:`, would be another place than the one that was looked at.
  const place = resolve(path);
  requireNoSuperJournal(place);
  const database = openDatabase(place, options);
  // Node.js 22 does not have it.
  if ("enableDefensive" in database) database.enableDefensive(true);
  database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
  return database;
}

/** Whether somebody else has locked the file. */
export function isBusy(error: unknown): boolean {
  return kindOf(error) === SQLITE_BUSY;
}

/** Whether the disk is full, or a quota used up, which some systems tell as an error of the disk. */
export function isFull(error: unknown): boolean {
  return kindOf(error) === SQLITE_FULL || kindOf(error) === SQLITE_IOERR;
}

function kindOf(error: unknown): number | undefined {
  if (!(error instanceof Error && "errcode" in error)) return undefined;
  // The lowest byte is the kind of the error.
  return Number(error.errcode) & 0xff;
}
