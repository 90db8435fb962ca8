import { closeSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { realPath } from "./real-path.ts";

/** Ends a rollback journal that names a super-journal. */
const MAGIC = Buffer.from("d9d505f920a163d7", "hex");

/**
 * Refuses an SQLite file beside which lies a rollback journal that names a super-journal: where SQLite (before 3.53,
 * as in Node.js 22) rolls such a journal back, it deletes the file of that name, wherever it is. A journal of ours
 * never has one, as it is never changed together with another file. Only a file that somebody else has made does.
 */
export function requireNoSuperJournal(path: string): void {
  const journal = `${realPath(path)}-journal`;
  if (endsWithMagic(journal))
    throw new Error(
      `${journal} would make SQLite delete another file, so somebody has planted it; remove it`,
    );
}

function endsWithMagic(path: string): boolean {
  // A pipe must not be opened: that would wait for somebody to write to it.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const file = openSync(path, "r");
  try {
    const end = Buffer.alloc(MAGIC.length);
    const { size } = fstatSync(file);
    return (
      size >= end.length && readSync(file, end, 0, end.length, size - end.length) > 0 && end.equals(MAGIC)
    );
  } finally {
    closeSync(file);
  }
}
