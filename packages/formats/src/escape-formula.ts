/** What a spreadsheet takes for a formula, though spaces or invisible characters stand before it. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@\t\r＝＋－＠]/u;
const NUMBER = /^ *[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?%? *$/i;

/**
 * Puts a `'` before text that a spreadsheet would run as a formula (CWE-1236). Plain numbers such as `-5`,
 * `+1.5e3` and `-5%` stay as they are.
 */
export function escapeFormula(cell: string): string {
  return FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}
