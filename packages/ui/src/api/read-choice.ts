import { isRecord } from "@parallel-parrot/core";
import type { FailedChoice } from "../run-source.ts";

/** Rows that are asked again by their numbers at once. */
const MOST_ROWS = 100;

/**
 * The failed rows that a request wants asked again; neither rows nor codes means all that may be answered now.
 *
 * @throws RangeError that says what is wrong with it
 */
export function readChoice(asked: unknown): FailedChoice {
  const { rows = [], codes = [] } = isRecord(asked) ? asked : {};
  if (
    !Array.isArray(rows) ||
    rows.length > MOST_ROWS ||
    !rows.every((row) => Number.isSafeInteger(row) && row > 0)
  )
    throw new RangeError("Rows are asked again by their numbers");
  if (
    !Array.isArray(codes) ||
    !codes.every((code) => typeof code === "string" && /^[A-Z][A-Z_]{1,60}$/.test(code))
  )
    throw new RangeError("Groups of rows are asked again by their codes");
  return { rows: rows as number[], codes: codes as string[] };
}
