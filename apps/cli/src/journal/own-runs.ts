import type { RunSummary } from "@parallel-parrot/journal";

/**
 * Whether this user has begun a run and nobody has changed it since: then its manifest may say what is asked, read
 * and written. Any other is data to show, and nothing is done because of it.
 */
export function isOwn({ origin }: Pick<RunSummary, "origin">): boolean {
  return origin === "own";
}

/** The runs that may be acted on. */
export function ownRuns(runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs.filter((run) => isOwn(run));
}
