import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where what was installed stays for the next time: outside the repository, which is cloned anew for each check. */
function cacheFolder(): string {
  const { PARROT_TEST_CACHE, XDG_CACHE_HOME } = process.env;
  return PARROT_TEST_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "parallel-parrot");
}

/**
 * A folder of the cache, filled where it is not there yet. It gets its name when everything is in it, so that one that
 * broke off is not taken for whole.
 */
export function cached(name: string, fill: (folder: string) => void): string {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  try {
    fill(unfinished);
    // Another process may have been faster.
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
