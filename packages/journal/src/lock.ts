import { realpath } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import { messageOf, unusable } from "./journal-error.ts";
import { createPrivateFile, makePrivate } from "./private-file.ts";
import { schemaOf } from "./check-schema.ts";
import { isBusy, openGuarded, type Database } from "./sqlite.ts";

/** The table of a lock. */
const OWNER = "table owner owner CREATE TABLE owner (pid, since)";

/**
 * Makes this the only writer of a journal until the returned function is called or the process ends, however
 * it ends: the lock is the system's, taken through an SQLite file of its own, so that others may read the
 * journal meanwhile.
 *
 * @throws ParrotError `JOURNAL_IN_USE`, or `JOURNAL_UNUSABLE` where the lock cannot be written
 */
export async function lockJournal(path: string): Promise<() => void> {
  let database: Database | undefined;
  try {
    // A link to a journal is that journal.
    const lockPath = `${await realpath(path)}-lock`;
    await createPrivateFile(lockPath);
    await makePrivate(lockPath);
    database = openGuarded(lockPath);
    requireLock(database);
    database.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS owner (pid, since); DELETE FROM owner;");
    const since = new Date().toISOString();
    database.prepare("INSERT INTO owner VALUES (?, ?)").run(process.pid, since);
    database.exec("COMMIT; BEGIN IMMEDIATE;");
  } catch (cause) {
    const error = refusal(path, cause, database);
    database?.close();
    throw error;
  }
  return () => {
    if (database.isOpen) database.close();
  };
}

/** A trigger in it would act now. */
function requireLock(database: Database): void {
  const [table, ...others] = schemaOf(database, 2);
  if (others.length > 0 || (table !== undefined && table !== OWNER))
    throw new Error("it is something else; delete it, if no run is using the journal");
}

function refusal(path: string, cause: unknown, database: Database | undefined): ParrotError {
  if (database === undefined || !isBusy(cause))
    return unusable(path, `its lock ${path}-lock cannot be taken: ${messageOf(cause)}`, cause);
  return new ParrotError(
    "JOURNAL_IN_USE",
    `The journal ${path} is in use${ownerOf(database)}; wait until that has ended, or name another journal`,
    { file: path, option: "journal", cause },
  );
}

function ownerOf(database: Database): string {
  try {
    const { pid, since } = database.prepare("SELECT pid, since FROM owner").get() ?? {};
    return pid === undefined ? "" : ` by the process ${Number(pid)}, since ${String(since)}`;
  } catch {
    return "";
  }
}
