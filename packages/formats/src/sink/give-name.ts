import { link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { asUnwritable, outputExists, unwritable, withRemains } from "./output-errors.ts";
import { syncFile } from "./sync-file.ts";
import { codeOf, ignoreMissing } from "../system-error.ts";

/** Gives a finished file its name. Tells whether it still has its old name as well. */
export async function giveName(path: string, name: string, overwrite: boolean): Promise<boolean> {
  try {
    if (!overwrite) return await takeFreeName(path, name);
    await rename(path, name);
    return false;
  } catch (error) {
    throw withRemains(asUnwritable(name, error), `the finished rows are in ${path}`);
  }
}

/** A plain rename would replace a file that appeared in the meantime. */
async function takeFreeName(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw outputExists(name, path);
    // This drive has no hard links (FAT, some network drives), so it is looked whether the name is free.
    if ((await lstat(name).catch(ignoreMissing)) !== undefined) throw outputExists(name, path);
    await rename(path, name);
    return false;
  }
}

/** Removes a file's old name. */
export async function dropName(path: string, name: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw withRemains(unwritable(name, error), `it is complete, but also has the name ${path}`);
  }
}

/** Makes a new name survive the loss of power. */
export async function syncName(name: string): Promise<void> {
  try {
    await syncDirectory(dirname(name));
  } catch (error) {
    throw withRemains(unwritable(name, error), "it is complete, but may be lost in a power failure");
  }
}

/** Errors of systems and drives that cannot open or sync a directory; the list is PostgreSQL's, and Windows' EPERM. */
const NO_DIRECTORY_SYNC: ReadonlySet<unknown> = new Set(["EISDIR", "EACCES", "EBADF", "EINVAL", "EPERM"]);

async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path);
    try {
      await syncFile(directory);
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has(codeOf(error))) throw error;
  }
}
