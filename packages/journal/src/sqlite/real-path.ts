import { realpathSync } from "node:fs";

/** The file that SQLite opens, and beside which it looks for others: the one that a link leads to. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
