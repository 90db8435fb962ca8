import type { Edit } from "./edits.ts";
import type { Lookout, Place } from "../lookout.ts";
import { QuoteBalance } from "./quote-balance.ts";

/** What ends a string or needs an escape in one, by the kind of its quotes. */
const IN_DOUBLE = /["“”„‟＂\\]|[^ -\uFFFF]/g;
const IN_SINGLE = /["'‘’‚`´\\]|[^ -\uFFFF]/g;

/**
 * Finds the end of the string whose opening quote stands at `start`, and notes what makes it one of JSON. A quote
 * that is not followed by what follows a string is part of the text, if such quotes come in pairs; `undefined`
 * where it is not certain which quote ends the string.
 */
export function repairString(
  look: Lookout,
  start: number,
  place: Place,
  edits: Edit[],
): { readonly end: number } | undefined {
  const { text } = look;
  const quotes = look.quotesFor(start) ?? "";
  const triple = repairTriple(look, start, place, edits);
  if (triple !== undefined) return triple;
  const opener = text.charAt(start);
  const balance = new QuoteBalance(text, start, opener);
  const expression = quotes.includes('"') ? IN_DOUBLE : IN_SINGLE;
  /** Whether a quote was met that could have ended the string by its kind. */
  let hasOwnInside = opener !== '"';
  /** Whether there is a quote in it that could be that of a key. */
  let hasKeyInside = false;
  let last = -1;
  for (let at = nextOf(look, expression, start + 1); at < text.length && !look.isTired;) {
    const character = text.charAt(at);
    const isOwn = character === opener || opener !== '"';
    let next = at + 1;
    if (character === "\\") {
      // What a backslash at the end of a line or of the text stands for is not certain.
      if (text.length === next || isControl(text.charAt(next))) return undefined;
      next += 1;
    } else if (isControl(character)) {
      edits.push(escaping(at, character));
    } else if (
      quotes.includes(character) &&
      (character === opener || balance.isBalanced) &&
      look.closesBefore(next, place, quotes)
    ) {
      const isCertain = balance.isBalanced && !hasKeyInside;
      if ((hasOwnInside || character !== opener) && !isCertain) return undefined;
      replaceQuote(text, start, edits);
      replaceQuote(text, at, edits);
      return { end: next };
    } else {
      if (quotes.includes(character)) {
        hasKeyInside ||= isKeyLike(look, at);
        // Quotes inside a key, and two in a row.
        if (isOwn && (place.isKey || at - 1 === last)) return undefined;
        hasOwnInside ||= isOwn;
        last = at;
      }
      if (expression === IN_DOUBLE || character !== '"') balance.add(at);
      if (character === '"') edits.push({ start: at, end: at, text: "\\" });
    }
    at = nextOf(look, expression, next);
  }
  return undefined;
}

/** A text between three quotes on either side, as in Python. */
function repairTriple(
  look: Lookout,
  start: number,
  place: Place,
  edits: Edit[],
): { readonly end: number } | undefined {
  const { text } = look;
  const quotes = text.slice(start, start + 3);
  if (place.isKey || (quotes !== '"""' && quotes !== "'''")) return undefined;
  let close = text.indexOf(quotes, start + 3);
  look.spend((close === -1 ? text.length : close) - start);
  // The last three of more are the closing ones.
  while (close !== -1 && text.charAt(close + 3) === quotes[0]) close += 1;
  if (close === -1 || !look.closesBefore(close + 3, place, "")) return undefined;
  edits.push({ start, end: start + 3, text: '"' });
  for (let at = nextOf(look, IN_DOUBLE, start + 3); at < close; at = nextOf(look, IN_DOUBLE, at + 1)) {
    const character = text.charAt(at);
    if (character === "\\" && isControl(text.charAt(at + 1))) return undefined;
    if (character === "\\") at += 1;
    else if (character === '"') edits.push({ start: at, end: at, text: "\\" });
    else if (isControl(character)) edits.push(escaping(at, character));
  }
  edits.push({ start: close, end: close + 3, text: '"' });
  return { end: close + 3 };
}

/** Whether a quote that ends no string is followed by a colon and a value, as that of a key is, or by a bare key. */
function isKeyLike(look: Lookout, at: number): boolean {
  const behind = look.afterBlank(at + 1);
  const colon = look.afterBlank(look.bareKeyEnd(behind) ?? behind);
  if (look.mark(colon) !== ":") return false;
  const value = look.afterBlank(colon + 1);
  return look.quotesFor(value) !== undefined || "{[".includes(look.mark(value));
}

function replaceQuote(text: string, at: number, edits: Edit[]): void {
  if (text.charAt(at) !== '"') edits.push({ start: at, end: at + 1, text: '"' });
}

/** A control character by its number: unlike `\n`, no backslash of it can have been written by the model. */
function escaping(at: number, character: string): Edit {
  const digits = character.charCodeAt(0).toString(16).padStart(4, "0");
  return { start: at, end: at + 1, text: `\\u${digits}` };
}

function isControl(character: string): boolean {
  return character !== "" && character < " ";
}

function nextOf(look: Lookout, expression: RegExp, from: number): number {
  expression.lastIndex = from;
  const next = expression.exec(look.text)?.index ?? look.text.length;
  look.spend(next - from);
  return next;
}
