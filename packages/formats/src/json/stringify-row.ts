import { getCell, stringifyJson, type Row } from "@parallel-parrot/core";
import { countNulled, type CellChanges } from "../sink/cell-changes.ts";
import { UnwritableCell } from "../sink/unwritable-row.ts";

/**
 * A function that turns rows into JSON text, the given columns first. The text is put together by hand where
 * the order asks for it: in a JavaScript object, a key like `2020` always comes first. Counts what becomes null.
 *
 * @param toJson gives the JSON of a cell or a whole row
 */
export function rowStringifier(
  columns: readonly string[],
  changes: CellChanges,
  toJson: (value: unknown) => string | undefined = stringifyJson,
): (row: Row) => string {
  const places = new Map(columns.map((column, place) => [column, place]));
  const placeOf = (column: string): number => places.get(column) ?? columns.length;

  function isInOrder(keys: readonly string[]): boolean {
    let last = 0;
    return keys.every((key) => {
      const isBehind = placeOf(key) >= last;
      last = placeOf(key);
      return isBehind;
    });
  }

  function stringify(row: Row): string {
    if (columns.length === 0) return toJson(row) ?? "{}";
    const keys = Object.keys(row);
    if (isInOrder(keys)) return toJson(row) ?? "{}";
    const ordered = keys.toSorted((a, b) => placeOf(a) - placeOf(b));
    const members: string[] = [];
    for (const key of ordered) {
      const cell = toJson(getCell(row, key));
      if (cell !== undefined) members.push(`${JSON.stringify(key)}:${cell}`);
    }
    return `{${members.join(",")}}`;
  }

  return (row) => {
    try {
      const json = stringify(row);
      if (json.includes("null")) changes.nulledValues += countNulled(row);
      return json;
    } catch (error) {
      throw new UnwritableCell(error);
    }
  };
}
