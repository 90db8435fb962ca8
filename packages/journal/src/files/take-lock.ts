import { existsSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { schemaOf } from "../sqlite/tables/check-schema.ts";
import { hasOtherNames, IS_LINKED } from "./own-place.ts";
import { createPrivateFile, makePrivate } from "./private-file.ts";
import { requireShortSchema } from "../sqlite/short-schema.ts";
import { isBusy, openGuarded, type Database } from "../sqlite/sqlite.ts";

/** The table of a lock. */
const OWNER = "table owner owner CREATE TABLE owner(pid,since)";

/** What SQLite keeps beside a file. */
const COMPANIONS = ["-wal", "-shm", "-journal"];

/** Somebody else has the lock. */
export class LockHeldError extends Error {
  override readonly name: string = "LockHeldError";
  /** ` by process 4711 since …`, as far as it is known. */
  readonly owner: string;

  constructor(owner: string, cause: unknown) {
    super(`It is in use${owner}`, { cause });
    this.owner = owner;
  }
}

/**
 * Takes a lock until the returned function is called or the process ends, however it ends: the lock is the system's,
 * taken through an SQLite file of its own, which stays.
 *
 * @throws LockHeldError; anything else where the file cannot be made or is something else
 */
export async function takeLock(path: string): Promise<() => void> {
  let database: Database | undefined;
  try {
    const isNew = await createPrivateFile(path);
    for (const place of [...(isNew ? [] : [path]), ...COMPANIONS.map((suffix) => `${path}${suffix}`)])
      await requireOwnFile(place);
    await makePrivate(path);
    requireShortSchema(path);
    database = openGuarded(path);
    requireLock(database);
    database.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS owner (pid, since); DELETE FROM owner;");
    const since = new Date().toISOString();
    database.prepare("INSERT INTO owner VALUES (?, ?)").run(process.pid, since);
    database.exec("COMMIT; BEGIN IMMEDIATE;");
  } catch (cause) {
    const error = isBusy(cause) ? new LockHeldError(ownerOf(database), cause) : cause;
    database?.close();
    throw error;
  }
  return () => {
    if (database.isOpen) database.close();
  };
}

/** A process that has a lock. */
export interface LockOwner {
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * Who has a lock; `undefined` where it is free, or cannot be read. It is tried only where the process that took it last
 * is alive: so it is never held, even for a moment, while its owner is about to end and another to begin.
 */
export function ownerOfLock(path: string): LockOwner | undefined {
  if (!existsSync(path)) return undefined;
  let database: Database | undefined;
  try {
    requireShortSchema(path);
    database = openGuarded(path);
    requireLock(database);
    const { pid, since } = database.prepare("SELECT pid, since FROM owner").get() ?? {};
    if (typeof pid !== "number" || !isAlive(pid)) return undefined;
    try {
      database.exec("BEGIN IMMEDIATE; ROLLBACK");
      return undefined;
    } catch (error) {
      return isBusy(error) ? { pid, since: String(since) } : undefined;
    }
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

/** Whether a process of this machine has the number; another user's counts too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Refuses a lock file that is a link or not the user's: a link may lead to another file that would be changed, and the
 * owner of a file that SQLite works with can change it meanwhile.
 */
async function requireOwnFile(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return;
  if (!status.isFile()) throw new Error(`${path} is not a file; remove it`);
  const user = process.getuid?.();
  if (user !== undefined && status.uid !== user) throw new Error(`${path} belongs to another user`);
  if (hasOtherNames(status)) throw new Error(`${path} ${IS_LINKED}; remove it`);
}

/** Refuses a lock file with anything else in its schema: a trigger would run when the lock is taken. */
function requireLock(database: Database): void {
  const [table, ...others] = schemaOf(database, 2);
  if (others.length > 0 || (table !== undefined && table !== OWNER))
    throw new Error("it is not a lock file; delete it if no run is using it");
}

function ownerOf(database: Database | undefined): string {
  try {
    const { pid, since } = database?.prepare("SELECT pid, since FROM owner").get() ?? {};
    return pid === undefined ? "" : ` by process ${Number(pid)} since ${String(since)}`;
  } catch {
    return "";
  }
}
