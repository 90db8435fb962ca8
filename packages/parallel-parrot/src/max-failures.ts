import { counted, expecting, ParrotError, type OptionCheck } from "@parallel-parrot/core";

/** How many rows may fail before a run is stopped; both where both are given. */
export interface MaxFailures {
  readonly rows?: number;
  /** Share of the rows so far, such as 0.05. It is looked at from the hundredth row on: fewer say nothing of a share. */
  readonly share?: number;
}

const LEAST_ROWS = 100;

/** Why a run is to be stopped for its failed rows; `undefined` while it may go on. */
export function tooManyFailures(
  limit: number | MaxFailures | undefined,
  { failed, rows }: { readonly failed: number; readonly rows: number },
): ParrotError | undefined {
  if (limit === undefined) return undefined;
  const { rows: most = Infinity, share = 1 } = typeof limit === "number" ? { rows: limit } : limit;
  const isOver = failed > most || (rows >= LEAST_ROWS && failed > share * rows);
  if (!isOver) return undefined;
  return new ParrotError(
    "TOO_MANY_FAILURES",
    `${failed} of the first ${counted(rows, "row")} failed, more than maxFailures allows`,
    { option: "maxFailures" },
  );
}

/** The option `maxFailures`. */
export const aMaxFailures: OptionCheck = expecting(
  "a number of rows, or { rows, share } with a share from 0 to 1",
  (value) => (typeof value === "number" ? isCount(value) : isLimit(value)),
);

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isLimit(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const known = Object.entries(value).filter(([, given]) => given !== undefined);
  return (
    known.length > 0 &&
    known.every(([name, given]) =>
      name === "rows"
        ? isCount(given)
        : name === "share" && typeof given === "number" && given >= 0 && given <= 1,
    )
  );
}
