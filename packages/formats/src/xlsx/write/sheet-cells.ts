import { cellText, isWrittenNumber } from "@parallel-parrot/core";
import type { ColumnType } from "../../columns/column-type.ts";
import { hasZone, timeOf } from "../../columns/time-text.ts";
import { textToSerial } from "../serial-date.ts";
import { MAX_CELL_LENGTH } from "../sheet-limits.ts";
import { STYLES, type StyleName } from "./workbook-parts.ts";

/** Excel keeps so many digits of a number. */
const MAX_DIGITS = 15;
const DAY_MS = 86_400_000;

/** Is told of a number that is written as text, as Excel would change its digits. */
type OnLongNumber = () => void;

/** Makes the XML of a cell, without its place; empty for an empty cell. @throws TypeError where it is too long */
export type ToXml = (cell: unknown, onLongNumber: OnLongNumber) => string;

/** What makes the cells of a column. What Excel cannot hold as a value of the column's type is text. */
export function toXml(type: ColumnType): ToXml {
  switch (type.type) {
    case "date":
    case "timestamp":
      // Excel has no time zones: what has one is text, which keeps it.
      return (cell) => momentXml(cell, type.type) ?? textXml(cell);
    case "time":
      return (cell) => timeXml(cell) ?? textXml(cell);
    case "boolean":
    case "integer":
    case "float":
    case "decimal":
    case "text":
    case "uuid":
    case "json":
    case "bytes":
    case "list":
    case "map":
    case "struct":
    default:
      // A column of text may be one whose cells are of several kinds: each of them keeps its own.
      return ownXml;
  }
}

function ownXml(cell: unknown, onLongNumber: OnLongNumber): string {
  if (typeof cell === "boolean") return ` t="b"><v>${cell ? 1 : 0}</v>`;
  return numberXml(cell, onLongNumber) ?? textXml(cell);
}

function numberXml(cell: unknown, onLongNumber: OnLongNumber): string | undefined {
  if (typeof cell !== "number" && typeof cell !== "bigint" && !isWrittenNumber(cell)) return undefined;
  const number = Number(isWrittenNumber(cell) ? cell.rawJSON : cell);
  if (!Number.isFinite(number)) return undefined;
  if (isLong(cell, number)) {
    onLongNumber();
    return undefined;
  }
  return `><v>${number + 0}</v>`;
}

/** Whether Excel would change digits that mean something. Those of a number beyond 2^53 do not; a bigint's do. */
function isLong(cell: unknown, number: number): boolean {
  if (isWrittenNumber(cell)) return digitsOf(cell.rawJSON) > MAX_DIGITS;
  return (typeof cell === "bigint" || Number.isSafeInteger(number)) && digitsOf(String(cell)) > MAX_DIGITS;
}

/** How many digits a number has between its first and its last that is not 0. */
function digitsOf(text: string): number {
  return text
    .replace(/e.*/is, "")
    .replace(/\D/g, "")
    .replace(/^0+|(?<!0)0+$/g, "").length;
}

function momentXml(cell: unknown, style: "date" | "timestamp"): string | undefined {
  if (typeof cell !== "string" || hasZone(cell)) return undefined;
  const serial = textToSerial(cell);
  if (serial === undefined) return undefined;
  return styled(serial, style === "date" && !Number.isInteger(serial) ? "timestamp" : style);
}

function timeXml(cell: unknown): string | undefined {
  const millis = typeof cell === "string" ? timeOf(cell, "millis") : undefined;
  return millis === undefined ? undefined : styled(Number(millis) / DAY_MS, "time");
}

function styled(number: number, style: StyleName): string {
  return ` s="${STYLES[style]}"><v>${number}</v>`;
}

/** A text is never run as a formula, whatever it begins with. */
export function textXml(cell: unknown): string {
  const text = cellText(cell);
  if (text === undefined) return "";
  if (text.length > MAX_CELL_LENGTH)
    throw new TypeError(
      `it has ${text.length} characters, and a cell of Excel has at most ${MAX_CELL_LENGTH}`,
    );
  return ` t="inlineStr"><is><t xml:space="preserve">${escapeText(text)}</t></is>`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);
/** What XML has no form for, and a text that would be read as the form of such a character. */
const SPECIAL = /[&<>"\uFFFE\uFFFF[\p{Cc}--[\t\n\u007F-\u009F]]]|_(?=x[0-9A-Fa-f]{4}_)/gv;

/** A text in XML, in the way of Excel for characters that XML does not have. */
export function escapeText(text: string): string {
  return text.replace(SPECIAL, (character) => ESCAPES.get(character) ?? codeOf(character));
}

function codeOf(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
}
