import { realpath } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import { messageOf, unusable } from "../journal-error.ts";
import { LockHeldError, ownerOfLock, takeLock, type LockOwner } from "./take-lock.ts";

/**
 * Makes this the only writer of a journal until the returned function is called or the process ends, so that others
 * may read the journal meanwhile.
 *
 * @throws ParrotError `JOURNAL_IN_USE`, or `JOURNAL_UNUSABLE` where the lock cannot be written
 */
export async function lockJournal(path: string): Promise<() => void> {
  try {
    // A link to a journal counts as that journal.
    return await takeLock(`${await realpath(path)}-lock`);
  } catch (cause) {
    throw refusal(path, cause);
  }
}

/** The process that writes to a journal now; `undefined` where none does. */
export async function writerOfJournal(path: string): Promise<LockOwner | undefined> {
  const place = await realpath(path).catch(() => path);
  return ownerOfLock(`${place}-lock`);
}

function refusal(path: string, cause: unknown): ParrotError {
  if (!(cause instanceof LockHeldError))
    return unusable(path, `its lock ${path}-lock cannot be taken: ${messageOf(cause)}`, cause);
  return new ParrotError(
    "JOURNAL_IN_USE",
    `The journal ${path} is in use${cause.owner}; wait until that process has ended, or name another journal`,
    { file: path, option: "journal", cause },
  );
}
