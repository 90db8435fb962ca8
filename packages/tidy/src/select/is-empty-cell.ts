import { isPlainObject, isWrittenNumber } from "@parallel-parrot/core";

/**
 * Whether there is nothing in a cell: null, a text of blanks or of nothing, a list or an object without members. A
 * missing cell counts as null.
 */
export function isEmptyCell(cell: unknown): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === "string") return cell.trim() === "";
  if (Array.isArray(cell)) return cell.length === 0;
  return isPlainObject(cell) && !isWrittenNumber(cell) && Object.keys(cell).length === 0;
}
