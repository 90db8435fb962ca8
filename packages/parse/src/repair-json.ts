import { jsonrepair } from "jsonrepair";

const MAX_LENGTH = 2 ** 16;
const MAX_WORK = 4e8;

/**
 * The value of a text that is almost JSON, or `undefined`. The library's time grows with the length and
 * with the square of the quotes that neither open nor close a string, so texts with too many of those are
 * left alone.
 */
export function repairJson(text: string): unknown {
  if (text.length > MAX_LENGTH || text.length * countStrayQuotes(text) ** 2 > MAX_WORK) return undefined;
  try {
    return JSON.parse(jsonrepair(escapeBackslashes(text))) as unknown;
  } catch {
    return undefined;
  }
}

/** Doubles a backslash that begins no escape, as in `\d+` or `C:\Program`: the library would drop it. */
function escapeBackslashes(text: string): string {
  return text.replaceAll(/\\(?:["'\\/bfnrt]|u[0-9a-fA-F]{4})|\\/g, (found) =>
    found === "\\" ? "\\\\" : found,
  );
}

const QUOTES = "\"'`´‘’“”";
const BEFORE_STRING = "[{:,";
const BEHIND_STRING = "]}:,";

/** Quotes with no JSON punctuation on either side. */
function countStrayQuotes(text: string): number {
  let strays = 0;
  let before = ",";
  let quoteAfter = "";
  for (const character of text) {
    if (character.trim() === "") continue;
    if (quoteAfter !== "" && !BEFORE_STRING.includes(quoteAfter) && !BEHIND_STRING.includes(character))
      strays += 1;
    quoteAfter = QUOTES.includes(character) ? before : "";
    before = character;
  }
  return strays;
}
