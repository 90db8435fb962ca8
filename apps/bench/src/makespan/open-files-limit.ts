import { execFileSync } from "node:child_process";

/** How many files a process of ours may open: Node.js raises the soft limit to the hard one. */
export function openFilesLimit(): number {
  try {
    const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    // No such shell: no such limit either.
    return Number.POSITIVE_INFINITY;
  }
}
