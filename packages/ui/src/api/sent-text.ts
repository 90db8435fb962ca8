import type { SentText } from "../wire.ts";

/** The longest text that is sent unless all of it is asked for: a browser lays out longer ones for seconds. */
export const MOST_CHARACTERS = 50_000;
const MOST_IN_A_LINE = 240;

/** A text as it is sent, which may be its beginning alone. */
export function sentText(text: string, most: number = MOST_CHARACTERS): SentText {
  return text.length <= most ? { text } : { text: beginning(text, most), cutFrom: text.length };
}

/** A text for a cell of the table: its beginning, with spaces in place of the ends of lines. */
export function lineText(text: string): string {
  const start = text
    .slice(0, 2 * MOST_IN_A_LINE)
    .replaceAll(/\s+/g, " ")
    .trim();
  return start.length <= MOST_IN_A_LINE && text.length <= 2 * MOST_IN_A_LINE
    ? start
    : `${beginning(start, MOST_IN_A_LINE)}…`;
}

/** The first characters, without half a surrogate pair at the end. */
function beginning(text: string, most: number): string {
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");
}
