/** What a sink could not write as it was, so far. */
export interface CellChanges {
  /** Cells that have a `'` in front, as a spreadsheet would run them as formulas. */
  escapedFormulas: number;
  /**
   * Numbers without a value (`NaN` and infinities) in JSON, which writes null for them, and dates without one, which
   * are null in JSON and empty in CSV; wherever in a cell they lie.
   */
  nulledValues: number;
}

/** No changes yet. */
export function noChanges(): CellChanges {
  return { escapedFormulas: 0, nulledValues: 0 };
}

/** How many values in a cell JSON writes as null, though they are none. What the cell's own `toJSON` says is meant. */
export function countNulled(value: unknown): number {
  if (typeof value === "number") return Number.isFinite(value) ? 0 : 1;
  if (typeof value !== "object" || value === null) return 0;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 1 : 0;
  if ("toJSON" in value && typeof value.toJSON === "function") return 0;
  let count = 0;
  for (const inner of innerValues(value)) count += countNulled(inner);
  return count;
}

function innerValues(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return value.values();
  return Object.values(value);
}
