import { lstat, realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { createPrivateFile } from "./private-file.ts";
import { LockHeldError, takeLock } from "./take-lock.ts";

/** How often a lock is taken again because its previous owner has removed its file in the meantime. */
const MAX_TRIES = 10;

/**
 * Makes this the only process that writes an output, whatever it is called and whether it is there yet, until the
 * returned function is called or the process ends, however it ends. The lock is a file `.NAME.parrot-lock` beside it,
 * which is removed with the lock; a file that a killed process has left does not keep anybody out.
 *
 * @throws ParrotError `OUTPUT_IN_USE`; the system's error where a lock cannot be made there
 */
export async function lockOutput(path: string): Promise<() => Promise<void>> {
  const lock = await lockNameOf(path);
  for (let tries = 1; ; tries++) {
    await createPrivateFile(lock);
    const before = await inodeOf(lock);
    const unlock = await takeLock(lock).catch((cause: unknown) => {
      throw cause instanceof LockHeldError ? inUse(path, cause) : cause;
    });
    // The locked file still has the name: no other file can have the number of a file that is in use.
    if (before !== undefined && before === (await inodeOf(lock))) return () => release(lock, unlock);
    unlock();
    if (tries >= MAX_TRIES) throw new Error(`its lock ${lock} is removed each time it is made`);
  }
}

/** The same name for an output, whichever links lead to it. */
async function lockNameOf(path: string): Promise<string> {
  const real = await realpath(path).catch(async () =>
    join(await realpath(dirname(resolve(path))), basename(path)),
  );
  return join(dirname(real), `.${basename(real)}.parrot-lock`);
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  return (await lstat(path, { bigint: true }).catch(() => undefined))?.ino;
}

/** Removes the name first, so that whoever opens it later finds no file or a new one. */
async function release(lock: string, unlock: () => void): Promise<void> {
  const isRemoved = await rm(lock, { force: true }).then(
    () => true,
    () => false,
  );
  unlock();
  // On Windows a file can be removed only once it is closed.
  if (!isRemoved) await rm(lock, { force: true }).catch(() => undefined);
}

function inUse(path: string, cause: LockHeldError): ParrotError {
  return new ParrotError(
    "OUTPUT_IN_USE",
    `Cannot write ${path}: it is being written${cause.owner}. Nothing was done. Wait until that process has ended, or choose another name`,
    { file: path, cause },
  );
}
