import { mkdir, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { isParrotError } from "@parallel-parrot/core";
import { messageOf, unusable } from "./journal-error.ts";
import { createPrivateFile } from "./private-file.ts";
import { APPLICATION_ID, FORMAT_VERSION, TABLES } from "./schema.ts";
import { openDatabase, type Database } from "./sqlite.ts";

/** File systems over a network, where SQLite's write-ahead log is not safe: NFS, SMB, CIFS, SMB2. */
const NETWORK = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/** Makes the folder and the file, where they are not there yet: both for their owner alone. */
export async function createJournalFile(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await createPrivateFile(path);
  } catch (cause) {
    throw unusable(path, `${messageOf(cause)}; name one in a place that may be written to`, cause);
  }
  const { type } = await statfs(folder);
  if (NETWORK.has(type >>> 0))
    throw unusable(
      path,
      "it is on a network drive, where it would not be safe; name one on a disk of this machine",
    );
}

/** Makes the tables of a new journal, or checks those of an old one. */
export function prepareTables(path: string): void {
  withDatabase(path, (database) => {
    database.exec("PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL;");
    if (isEmpty(database)) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`);
    else checkFormat(path, database);
  });
}

/** @throws ParrotError `JOURNAL_UNUSABLE` where the file is something else, or newer than this program */
export function checkFormat(path: string, database: Database): void {
  const id = numberOf(database, "application_id");
  const version = numberOf(database, "user_version");
  if (isEmpty(database)) throw unusable(path, "it is empty");
  if (id !== APPLICATION_ID) throw unusable(path, "it is a database of something else");
  if (version !== FORMAT_VERSION)
    throw unusable(
      path,
      `its format is ${version} and this program knows ${FORMAT_VERSION}; use the program that made it`,
    );
}

function withDatabase(path: string, use: (database: Database) => void): void {
  let database: Database | undefined;
  try {
    database = openDatabase(path);
    use(database);
  } catch (cause) {
    throw isParrotError(cause) ? cause : unusable(path, messageOf(cause), cause);
  } finally {
    database?.close();
  }
}

function isEmpty(database: Database): boolean {
  return (
    numberOf(database, "application_id") === 0 &&
    database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined
  );
}

function numberOf(database: Database, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
