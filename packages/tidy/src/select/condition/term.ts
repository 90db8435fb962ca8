import { cellText, isPlainObject, isWrittenNumber, type Row } from "@parallel-parrot/core";
import { numberOf } from "./compare.ts";

/** A part of a condition: its value for a row. */
export type Term = (row: Row, notes: Notes) => unknown;

/** What is noted of a row while its condition is worked out. */
export interface Notes {
  /** The row's number, for messages. */
  readonly index: number | undefined;
  /** Whether what cannot be compared was compared. */
  isOdd: boolean;
}

/** A cell as the language has it: a text, a number, true, false, null, or a list or object. */
export function plain(cell: unknown): unknown {
  if (cell === undefined || (typeof cell === "number" && Number.isNaN(cell))) return null;
  if (isWrittenNumber(cell)) return numberOf(cell.rawJSON) ?? cell.rawJSON;
  if (typeof cell !== "object" || cell === null || Array.isArray(cell) || isPlainObject(cell)) return cell;
  try {
    // Such as a date.
    return cellText(cell) ?? null;
  } catch {
    return null;
  }
}
