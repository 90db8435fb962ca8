import { openSync, rmSync, unlinkSync } from "node:fs";

/**
 * Opens a new file that only its owner can read, and takes its name away: nobody else finds it, and it is gone
 * with the process however that ends. A file that has the name already is removed: a process that was killed between
 * opening and removing has left it.
 *
 * @returns its file descriptor, to be closed
 * @throws the system's error, such as `ENOSPC`
 */
export function openNamelessFile(path: string): number {
  rmSync(path, { force: true });
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}
