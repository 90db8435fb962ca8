import { ParrotError } from "@parallel-parrot/core";
import { createPrivateFile } from "./private-file.ts";
import { openDatabase, type Database } from "./sqlite.ts";

/**
 * Makes this the only writer of a journal until the returned function is called or the process ends, however
 * it ends: the lock is the system's, taken through an SQLite file of its own, so that others may read the
 * journal meanwhile.
 *
 * @throws ParrotError `JOURNAL_IN_USE`
 */
export async function lockJournal(path: string): Promise<() => void> {
  const lockPath = `${path}-lock`;
  await createPrivateFile(lockPath);
  const database = openDatabase(lockPath);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;");
    database.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS owner (pid, since); DELETE FROM owner;");
    const since = new Date().toISOString();
    database.prepare("INSERT INTO owner VALUES (?, ?)").run(process.pid, since);
    database.exec("COMMIT; BEGIN IMMEDIATE;");
  } catch (cause) {
    const owner = ownerOf(database);
    database.close();
    throw new ParrotError(
      "JOURNAL_IN_USE",
      `The journal ${path} is in use${owner}; wait until that has ended, or name another journal`,
      { file: path, option: "journal", cause },
    );
  }
  return () => {
    if (database.isOpen) database.close();
  };
}

function ownerOf(database: Database): string {
  try {
    const { pid, since } = database.prepare("SELECT pid, since FROM owner").get() ?? {};
    return pid === undefined ? "" : ` by the process ${Number(pid)}, since ${String(since)}`;
  } catch {
    return "";
  }
}
