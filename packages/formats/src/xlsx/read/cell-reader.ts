import { BOOLEAN, DATE, LONG } from "../../columns/cell-type-finder.ts";
import { integerCell } from "../../columns/cell-values.ts";
import { DOUBLE, INT64, TEXT, type ColumnType } from "../../columns/column-type.ts";
import { timeOf } from "../../columns/time-text.ts";
import type { LongNumbers } from "../../source/long-numbers.ts";
import type { SourceNoteCode } from "../../source/source-notes.ts";
import { columnName } from "../column-name.ts";
import { DAY_MS, dayPartToText, durationToText, serialToText, textToSerial } from "../serial-date.ts";
import type { NumberKind } from "./number-formats.ts";
import { storedText, type StoredCell } from "./sheet-parser.ts";
import type { Workbook } from "./workbook.ts";

/** A cell of a row: `null` has no type. */
export interface TypedCell {
  readonly cell: unknown;
  readonly type: ColumnType | undefined;
}

/** What cells are read with. */
export interface CellContext {
  readonly workbook: Workbook;
  readonly sharedTexts: readonly string[];
  readonly longNumbers: LongNumbers;
}

/** Is told of a cell that has no value. */
export type NoteCell = (code: SourceNoteCode, text: string) => void;

/** The types of cells that have no value where nothing is written: shared texts, booleans, errors and numbers. */
const VALUES: ReadonlySet<string> = new Set(["s", "b", "e", "n"]);
const NO_CELL: TypedCell = { cell: null, type: undefined };
const TIME: ColumnType = { type: "time", unit: "millis", utc: false };
const TIMESTAMP: ColumnType = { type: "timestamp", unit: "millis", utc: false };

/** Makes a cell of what is stored. */
export function readCell(
  stored: StoredCell,
  line: number,
  { workbook, sharedTexts, longNumbers }: CellContext,
  note: NoteCell,
): TypedCell {
  const { type, value, column } = stored;
  const place = `${columnName(column)}${line}`;
  if (value === undefined || (VALUES.has(type) && value.trim() === "")) {
    if (stored.isFormula) note("FORMULA_WITHOUT_RESULT", place);
    return NO_CELL;
  }
  switch (type) {
    case "s":
      return textCell(sharedText(value, sharedTexts, place));
    case "b":
      return { cell: booleanOf(value, place), type: BOOLEAN };
    case "e":
      note("ERROR_CELL", `${value} in ${place}`);
      return NO_CELL;
    case "n":
      return numberCell(value, workbook, stored.style, { longNumbers, place });
    case "d":
      return isoCell(value, workbook.kinds[stored.style]) ?? textCell(storedText(stored));
    default:
      // A text of its own, or the text that a formula came to.
      return textCell(storedText(stored));
  }
}

function textCell(text: string): TypedCell {
  return { cell: text, type: TEXT };
}

function sharedText(value: string, texts: readonly string[], place: string): string {
  const text = texts[Number(value)];
  if (text === undefined) throw new RangeError(`the text of cell ${place} is missing`);
  return text;
}

function booleanOf(value: string, place: string): boolean {
  if (/^(?:1|true)$/i.test(value)) return true;
  if (/^(?:0|false)$/i.test(value)) return false;
  throw new RangeError(`cell ${place} has the boolean ${JSON.stringify(value)}`);
}

function numberCell(
  value: string,
  { kinds, dateSystem }: Workbook,
  style: number,
  { longNumbers, place }: { readonly longNumbers: LongNumbers; readonly place: string },
): TypedCell {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new RangeError(`cell ${place} has the number ${JSON.stringify(value)}`);
  const kind = kinds[style] ?? "number";
  const text = kind === "number" ? undefined : momentOf(number, kind, dateSystem);
  if (text !== undefined) return text;
  if (!Number.isInteger(number)) return { cell: number, type: DOUBLE };
  if (Number.isSafeInteger(number)) return { cell: number + 0, type: INT64 };
  // Excel keeps 15 digits, and other programs write as many as an integer has.
  if (/^-?\d{1,19}$/.test(value))
    return { cell: integerCell(BigInt(value), longNumbers), type: longType(longNumbers, BigInt(value)) };
  return { cell: number, type: DOUBLE };
}

function longType(longNumbers: LongNumbers, integer: bigint): ColumnType {
  return longNumbers === "text" || BigInt.asIntN(64, integer) !== integer ? TEXT : LONG;
}

/** A date or time that is stored as ISO 8601, as the number of days would be that Excel makes of it. */
function isoCell(text: string, kind: NumberKind = "number"): TypedCell | undefined {
  const time = timeOf(text, "millis");
  const serial = time === undefined ? textToSerial(text) : Number(time) / DAY_MS;
  if (serial === undefined) return undefined;
  return momentOf(serial, kind === "number" ? "timestamp" : kind, "1900");
}

/** What a number of days is as text; `undefined` where Excel shows none. */
function momentOf(serial: number, kind: NumberKind, system: Workbook["dateSystem"]): TypedCell | undefined {
  if (kind === "duration") return { cell: durationToText(serial), type: TEXT };
  // What is shown as a time and has a day is a time of that day.
  if (serial >= 0 && serial < 1 && kind !== "date") return { cell: dayPartToText(serial), type: TIME };
  const text = serialToText(serial, system);
  if (text === undefined) return undefined;
  const isMidnight = text.endsWith("T00:00:00");
  if (kind === "date" && isMidnight) return { cell: text.slice(0, -9), type: DATE };
  return { cell: text, type: TIMESTAMP };
}
