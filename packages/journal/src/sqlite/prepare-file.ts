import { mkdir, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { isParrotError } from "@parallel-parrot/core";
import { checkSchema } from "./tables/check-schema.ts";
import { foreign, messageOf, unusable } from "../journal-error.ts";
import { requireOwnPlace } from "../files/own-place.ts";
import { createPrivateFile } from "../files/private-file.ts";
import { APPLICATION_ID, FORMAT_VERSION, tablesBetween } from "./tables/schema.ts";
import type { Seals } from "./tables/seals.ts";
import { requireShortSchema } from "./short-schema.ts";
import { openGuarded, type Database } from "./sqlite.ts";
import { readRuns } from "./tables/stored-columns.ts";
import { takeOver } from "./take-over.ts";

/** File systems over a network, where SQLite's write-ahead log is not safe: NFS, SMB, CIFS, SMB2. */
const NETWORK = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/**
 * Makes the folder and the file, where they are not there yet: both for their owner alone.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE`, also where another user may change them
 */
export async function createJournalFile(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await requireOwnPlace(path);
    await createPrivateFile(path);
  } catch (cause) {
    if (isParrotError(cause)) throw cause;
    throw unusable(path, `${messageOf(cause)}; name a journal in a folder that you may write to`, cause);
  }
  const { type } = await statfs(folder);
  if (NETWORK.has(type >>> 0))
    throw unusable(
      path,
      "it is on a network drive, where it would not be safe; name a journal on a disk of this machine",
    );
}

/** How the tables of a journal are made ready. */
export interface PrepareOptions {
  readonly seals: Seals;
  /** Whether what others have kept is taken over. */
  readonly adopt: boolean;
}

/**
 * Makes the tables of a new journal, or checks those of an old one and brings them up to this version. Gives the
 * number of records that were taken over.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE`, or `JOURNAL_FOREIGN` where others have kept something in it
 */
export function prepareTables(path: string, { seals, adopt }: PrepareOptions): number {
  return withDatabase(path, (database) => {
    database.exec("PRAGMA busy_timeout = 2000");
    if (isEmpty(database)) {
      database.exec("PRAGMA journal_mode = WAL");
      database.exec(`BEGIN IMMEDIATE; ${tablesBetween(0, FORMAT_VERSION)} COMMIT;`);
      return 0;
    }
    const version = checkFormat(path, database);
    const others = readRuns(database, seals).filter(({ origin }) => origin !== "own" && origin !== "adopted");
    if (seals.hasSecret && !adopt && others.length > 0) throw foreign(path, others, version);
    database.exec("PRAGMA journal_mode = WAL");
    return takeOver(path, database, { seals, adopt, version });
  });
}

/**
 * Gives the version of a journal's tables.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE` where the file is something else, newer than this program, or has been changed
 */
export function checkFormat(path: string, database: Database): number {
  const id = numberOf(database, "application_id");
  const version = numberOf(database, "user_version");
  if (isEmpty(database))
    throw unusable(path, "it is empty: a run was ended before it had begun; type its command again");
  if (id !== APPLICATION_ID) throw unusable(path, "it is a database of another program");
  if (!(version >= 1 && version <= FORMAT_VERSION))
    throw unusable(
      path,
      `its format is version ${version}, and this program reads up to version ${FORMAT_VERSION}; use the version of the program that made it`,
    );
  checkSchema(path, database, version);
  return version;
}

function withDatabase<T>(path: string, use: (database: Database) => T): T {
  let database: Database | undefined;
  try {
    requireShortSchema(path);
    database = openGuarded(path);
    return use(database);
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
