import type { CellCount } from "./count-cells.ts";

/** What may separate cells where it is not said, the likelier first. */
export const DELIMITERS: readonly string[] = [",", ";", "\t", "|"];

/**
 * The delimiter of a sample, by how many cells each record has with each of them. The usual one holds wherever it gives
 * a table; another takes its place if that one gives a table. `undefined` where none does: there is a single column.
 */
export function findDelimiter(
  usual: string,
  counts: ReadonlyMap<string, readonly CellCount[]>,
): string | undefined {
  const fitting = [...counts].filter(([, records]) => isTable(records)).map(([delimiter]) => delimiter);
  const columns = (delimiter: string): number => counts.get(delimiter)?.[0]?.cells ?? 1;
  if (columns(usual) > 1 && (fitting.includes(usual) || fitting.length === 0)) return usual;
  return fitting.toSorted((one, other) => columns(other) - columns(one))[0];
}

/** Whether a header of several cells is followed by rows with as many, or sometimes fewer. */
function isTable([header, ...rows]: readonly CellCount[]): boolean {
  if (header === undefined || header.used < 2) return false;
  const full = rows.filter(({ cells }) => cells >= header.cells).length;
  return full * 2 >= rows.length && rows.every(({ used }) => used <= header.cells);
}
