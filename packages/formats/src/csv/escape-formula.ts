import { isExpression } from "./is-expression.ts";

/** The beginning of a formula, perhaps after spaces or invisible characters. */
const START = /^[\s\p{Cc}\p{Cf}]*[=+\-@\t\r＝＋－＠]/u;

/** Functions that reach other computers or programs. They count wherever in a formula they stand. */
const REACHES_OUT =
  /(?<![\p{L}\p{N}])(?:(?:WEBSERVICE|HYPERLINK|RTD|DDE|IMPORT(?:XML|HTML|DATA|FEED|RANGE))\s*\(|(?:IMAGE|CALL|EXEC|REGISTER(?:\.ID)?)\s*\(\s*")/iu;

/**
 * Puts a `'` before text that a spreadsheet would run as a formula (CWE-1236): what begins with `=`, and what begins
 * with `+`, `-`, `@`, a tab or a carriage return and has a call, a reference or a link to another program after that.
 * Lists, telephone numbers, handles and numbers stay as they are.
 */
export function escapeFormula(cell: string): string {
  return isFormula(cell) ? `'${cell}` : cell;
}

function isFormula(cell: string): boolean {
  const [start] = START.exec(cell) ?? [];
  if (start === undefined) return false;
  const sign = narrow(start.slice(-1));
  if (sign === "=") return true;
  const rest = narrow(cell.slice(start.length));
  return REACHES_OUT.test(rest) || isLinked(rest) || isExpression(rest);
}

/** East Asian spreadsheets take full-width characters for the usual ones. */
function narrow(text: string): string {
  return text.replaceAll(/[！-～]/g, (wide) => String.fromCodePoint((wide.codePointAt(0) ?? 0) - 0xfee0));
}

/** Whether there is a DDE link, such as `cmd|'/c calc'!A1`, which starts a program. */
function isLinked(text: string): boolean {
  const bar = text.search(/\S\|\S/);
  return bar !== -1 && /!\S/.test(text.slice(bar));
}
