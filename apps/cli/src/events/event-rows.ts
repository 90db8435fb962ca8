import { rowName } from "@parallel-parrot/core";
import type { RunEvent } from "@parallel-parrot/transport";

/** Whose events are told. */
export interface EventSource {
  /** The name of the step, where there are several. @default there is one */
  readonly step?: string;
  /** The row of the input that a row of the step was made of. @default it is that row */
  readonly originOf?: ((index: number) => number) | undefined;
}

/** Rows that a line names; it counts the others. */
const MAX_NAMED = 5;

/** The positions in the input of the rows that an event is about, counted from 0; none where it is about no row. */
export function rowsOf(event: RunEvent, { originOf = (index) => index }: EventSource): readonly number[] {
  const rows = "rows" in event ? event.rows : "row" in event ? [event.row] : [];
  return rows.flatMap(({ index }) => (index === undefined ? [] : originOf(index)));
}

/** The rows as a line begins with them: `row 4`, `rows 4, 5, 6`, `rows 4, 5, 6, 7, 8 and 12 more in step draft`. */
export function nameRows(rows: readonly number[], { step }: EventSource): string {
  const where = step === undefined ? "" : ` in step ${step}`;
  const [only] = rows;
  if (only === undefined) return `a request that belongs to no row${where}`;
  if (rows.length === 1) return `${rowName(only)}${where}`;
  const named = rows.slice(0, MAX_NAMED).map((index) => index + 1);
  const more = rows.length > MAX_NAMED ? ` and ${rows.length - MAX_NAMED} more` : "";
  return `rows ${named.join(", ")}${more}${where}`;
}
