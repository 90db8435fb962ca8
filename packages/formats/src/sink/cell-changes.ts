import { isObject } from "@parallel-parrot/core";

/** How many cells and values a sink has changed so far, as its format has no form for them. */
export interface CellChanges {
  /** Cells that have a `'` in front, as a spreadsheet would run them as formulas. */
  escapedFormulas: number;
  /**
   * Numbers without a value (`NaN` and infinities) in JSON, which writes null for them, and dates without one, which
   * are null in JSON and empty in CSV; wherever in a cell they lie.
   */
  nulledValues: number;
  /** Integers that Excel gets as text, as it keeps only 15 digits of a number. */
  textNumbers: number;
}

/** No changes yet. */
export function noChanges(): CellChanges {
  return { escapedFormulas: 0, nulledValues: 0, textNumbers: 0 };
}

/** Adds the changes of another sink. */
export function addChanges(sum: CellChanges, more: Readonly<CellChanges>): void {
  sum.escapedFormulas += more.escapedFormulas;
  sum.nulledValues += more.nulledValues;
  sum.textNumbers += more.textNumbers;
}

/** How many values in a cell JSON writes as null although they are not null. A null that a `toJSON` gives is meant. */
export function countNulled(value: unknown): number {
  let count = 0;
  // Without recursion, as cells of any depth can be written.
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (isNulled(next)) count += 1;
    else if (isObject(next)) for (const inner of innerValues(next)) open.push(inner);
  }
  return count;
}

function isNulled(value: unknown): boolean {
  return value instanceof Date
    ? Number.isNaN(value.getTime())
    : typeof value === "number" && !Number.isFinite(value);
}

function innerValues(value: object): Iterable<unknown> {
  if ("toJSON" in value && typeof value.toJSON === "function") return [];
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return value.values();
  return Object.values(value);
}
