import { access, constants, lstat, mkdir, realpath, rmdir, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { leadsOut } from "../leads-out.ts";
import { asUnwritable, outputElsewhere, unwritable } from "../sink/output-errors.ts";
import { codeOf, ignoreMissing } from "../system-error.ts";

/**
 * Makes the folders of files in a folder, and that folder. Nobody has named the folders in it: one that is a link out
 * of it is refused, as it would have files written anywhere. Gives the folders that were not there before.
 */
export async function makeFolders(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const made: string[] = [];
  try {
    for (const path of foldersOf(folder, files)) {
      if (await makeFolder(path)) made.push(path);
      await requireWithin(folder, path);
      await access(path, constants.W_OK);
    }
    return made;
  } catch (error) {
    await removeEmpty(made);
    throw codeOf(error) === "ENOENT"
      ? unwritable(folder, `the directory ${dirname(folder)} does not exist`)
      : asUnwritable(folder, error);
  }
}

/** Removes folders again, as far as nothing is in them. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const path of folders.toReversed()) await rmdir(path).catch(() => undefined);
}

/** A folder and those in it that files are in, each behind the one that it is in. */
function foldersOf(folder: string, files: readonly string[]): Iterable<string> {
  const folders = new Set([folder]);
  for (const file of files) {
    const parts = dirname(file).split(sep);
    for (const [place, part] of parts.entries())
      if (part !== ".") folders.add(join(folder, ...parts.slice(0, place + 1)));
  }
  return folders;
}

/** Tells whether it was not there before. */
async function makeFolder(path: string): Promise<boolean> {
  const existing = await lstat(path).catch(ignoreMissing);
  if (existing === undefined) {
    await mkdir(path);
    return true;
  }
  if (!(await stat(path)).isDirectory()) throw unwritable(path, "it is not a directory");
  return false;
}

async function requireWithin(folder: string, path: string): Promise<void> {
  const target = await realpath(path);
  if (leadsOut(await realpath(folder), target)) throw outputElsewhere(path, target);
}
