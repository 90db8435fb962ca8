import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The folder of the repository. Paths of its files are given from here, with slashes. */
export const REPOSITORY: string = join(import.meta.dirname, "../../..");
/** The pages that the site is built from. Git ignores them, and every build writes them anew. */
export const PAGES: string = join(import.meta.dirname, "../.pages");

/** Folders that hold nothing that somebody has written. */
const MADE = new Set(["node_modules", "dist", ".turbo", ".cache"]);

export type Entry = "file" | "folder" | "nothing";

export function entryAt(path: string): Entry {
  const entry = statSync(join(REPOSITORY, path), { throwIfNoEntry: false });
  if (entry === undefined) return "nothing";
  return entry.isDirectory() ? "folder" : "file";
}

/** What a folder of the repository holds, in order: folders end with a slash. */
export function namesIn(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted();
}
