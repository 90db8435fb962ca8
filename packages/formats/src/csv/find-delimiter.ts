import type { CellCount } from "./count-cells.ts";

/** What may separate cells where it is not said, the likelier first. */
export const DELIMITERS: readonly string[] = [",", ";", "\t", "|"];

/** How many cells each record of a sample has with each delimiter. */
type CountsOfDelimiters = ReadonlyMap<string, readonly CellCount[]>;

/**
 * The delimiter of a sample. The usual one holds wherever it gives a table; another takes its place if that one gives a
 * table, or one whose rows are all complete where those of the usual one are not. `undefined` where none does: there is
 * a single column.
 */
export function findDelimiter(usual: string, counts: CountsOfDelimiters): string | undefined {
  const columns = (delimiter: string): number => counts.get(delimiter)?.[0]?.cells ?? 1;
  for (const fits of [isFullTable, isTable]) {
    const fitting = [...counts].filter(([, records]) => fits(records)).map(([delimiter]) => delimiter);
    if (fitting.includes(usual)) return usual;
    const [widest] = fitting.toSorted((one, other) => columns(other) - columns(one));
    if (widest !== undefined) return widest;
  }
  return columns(usual) > 1 ? usual : undefined;
}

/**
 * Another delimiter of a table that begins on the second line of a sample, where the first line has several cells and
 * no delimiter makes a table of it and the others: it is a title, perhaps.
 */
export function delimiterBelowTitle(usual: string, counts: CountsOfDelimiters): string | undefined {
  const [first, ...rows] = counts.get(usual) ?? [];
  if (first === undefined || first.cells === 1) return undefined;
  // A header may have names of blanks, which are no table's by themselves.
  if (rows.every(({ cells }) => cells === first.cells)) return undefined;
  if ([...counts.values()].some((records) => isTable(records))) return undefined;
  const below = [...counts].map(([delimiter, records]) => [delimiter, records.slice(1)] as const);
  return below.find(
    ([delimiter, records]) => delimiter !== usual && records.length > 1 && isFullTable(records),
  )?.[0];
}

/** Whether a header of several cells is followed by rows with as many, or sometimes fewer. */
function isTable([header, ...rows]: readonly CellCount[]): boolean {
  if (header === undefined || header.used < 2) return false;
  const full = rows.filter(({ cells }) => cells >= header.cells).length;
  return full * 2 >= rows.length && rows.every(({ used }) => used <= header.cells);
}

/** Whether a header of several cells is followed by rows with as many, or with empty ones behind them. */
function isFullTable([header, ...rows]: readonly CellCount[]): boolean {
  if (header === undefined || header.used < 2) return false;
  return rows.every(({ cells, used }) => cells >= header.cells && used <= header.cells);
}
