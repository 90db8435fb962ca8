import { ParrotError } from "@parallel-parrot/core";
import type { MaxFailures } from "../flags/run-options.ts";

/** Fewer rows say nothing of a share. */
const LEAST_ROWS = 100;

/** Why a run is to be stopped for its failed rows; `undefined` while it may go on. */
export function tooManyFailures(
  limit: MaxFailures | undefined,
  { failed, rows }: { readonly failed: number; readonly rows: number },
): ParrotError | undefined {
  const { rows: most = Infinity, share = 1 } = limit ?? {};
  const isOver = failed > most || (rows >= LEAST_ROWS && failed > share * rows);
  if (limit === undefined || !isOver) return undefined;
  return new ParrotError(
    "TOO_MANY_FAILURES",
    `${failed} of the first ${rows} rows failed, more than --max-failures allows`,
    { option: "--max-failures" },
  );
}
