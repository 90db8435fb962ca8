import type { Distribution, Spread } from "../wire.ts";

/** The most cells that are told apart: more of them are hardly categories. */
const MOST_DISTINCT = 20_000;
const MOST_VALUES = 30;
const BARS = 24;

/** How cells are distributed: their most frequent values, as numbers where they are numbers, and by length. */
export function distributionOf(cells: Iterable<string>): Distribution {
  const values = new Map<string, number>();
  const numbers: number[] = [];
  const lengths: number[] = [];
  let empty = 0;
  for (const cell of cells) {
    lengths.push(cell.length);
    if (cell.trim() === "") {
      empty += 1;
      continue;
    }
    const number = Number(cell);
    if (Number.isFinite(number)) numbers.push(number);
    const known = values.get(cell);
    if (known !== undefined || values.size < MOST_DISTINCT) values.set(cell, (known ?? 0) + 1);
  }
  const areNumbers = numbers.length > 0 && numbers.length === lengths.length - empty;
  const frequent = Array.from(values, ([value, rows]) => ({ value, rows })).toSorted(
    (a, b) => b.rows - a.rows,
  );
  return {
    cells: lengths.length,
    empty,
    distinct: values.size,
    values: frequent.slice(0, MOST_VALUES),
    ...(areNumbers ? { numbers: spreadOf(numbers) } : {}),
    lengths: spreadOf(lengths),
  };
}

function spreadOf(numbers: readonly number[]): Spread {
  let [least, greatest, sum] = [Infinity, -Infinity, 0];
  for (const number of numbers) {
    least = Math.min(least, number);
    greatest = Math.max(greatest, number);
    sum += number;
  }
  if (numbers.length === 0) return { least: 0, average: 0, greatest: 0, bars: [] };
  const bars = Array.from({ length: BARS }, () => 0);
  const width = (greatest - least) / BARS || 1;
  for (const number of numbers) {
    const bar = Math.min(BARS - 1, Math.floor((number - least) / width));
    bars[bar] = (bars[bar] ?? 0) + 1;
  }
  return { least, average: sum / numbers.length, greatest, bars };
}
