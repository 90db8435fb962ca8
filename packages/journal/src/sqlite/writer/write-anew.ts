import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** What SQLite would take for the log of a file that is put beside it. */
const COMPANIONS = ["-wal", "-shm", "-journal"];
/** Names that are tried, at most. */
const MAX_NAMES = 1000;

/**
 * Writes a journal whose file is gone to its path anew, or where that is taken, to a name like it. Only its owner can
 * read it.
 *
 * @param copyTo fills an empty file
 * @returns where it is
 */
export function writeAnew(path: string, copyTo: (path: string) => void): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = makeFile(path);
  try {
    copyTo(target);
    sync(target);
    return target;
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
}

function makeFile(path: string): string {
  let error: unknown;
  for (let number = 1; number <= MAX_NAMES; number++) {
    const name = number === 1 ? path : `${path}.kept-${number}`;
    if (COMPANIONS.some((suffix) => existsSync(`${name}${suffix}`))) continue;
    try {
      closeSync(openSync(name, "wx", 0o600));
      return name;
    } catch (cause) {
      error = cause;
      if (!existsSync(name)) throw cause;
    }
  }
  throw new Error("every name that it could get is taken", { cause: error });
}

function sync(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
