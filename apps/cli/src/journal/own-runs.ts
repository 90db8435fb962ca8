import type { RunSummary } from "@parallel-parrot/journal";

/**
 * Whether this user has begun a run and nobody has changed it since. Only then may its manifest decide what is asked,
 * read and written. Any other run is shown, and never acted on.
 */
export function isOwn({ origin }: Pick<RunSummary, "origin">): boolean {
  return origin === "own";
}

/** The runs that may be acted on. */
export function ownRuns(runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs.filter((run) => isOwn(run));
}
