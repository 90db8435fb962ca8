import { jsonWordFor, type Edit } from "./edits.ts";
import type { Lookout } from "../lookout.ts";
import { LITERAL } from "../scan-json.ts";

/** What may stand in a value without quotes. */
const RUN = /(?:(?!["'“”„‟＂‘’‚`{}[\]():,;\\<>，、،：｛｝［］])[ -\uFFFF])+/y;
/** Words for a missing value. */
const NO_VALUE = /^(?:[+-]?(?:nan|inf|infinity)|none|nil)$/i;
const NUMBER = /^\+?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** What may be made of a value without quotes. */
export interface WordRule {
  readonly takesText: boolean;
  /** Whether a number that JSON writes in another way, such as `+5`, is a text: its text as it was written. */
  readonly keepsNumbers: boolean;
}

/**
 * Reads a value without quotes: a literal, such a one of another language, or a text, if `takesText`. `undefined`
 * where it is none.
 */
export function repairWord(
  look: Lookout,
  start: number,
  { takesText, keepsNumbers }: WordRule,
  edits: Edit[],
): { readonly end: number } | undefined {
  const run = look.text.slice(start, look.match(RUN, start) ?? start);
  // A comment ends it.
  const word = run.replace(/(?:\/\/|\/\*|\s#)[^]*$/, "").trimEnd();
  const end = start + word.length;
  if (LITERAL.test(word)) return { end };
  const literal = jsonWordFor(word) ?? (!keepsNumbers && NUMBER.test(word) ? plainNumber(word) : undefined);
  if (literal !== undefined) {
    const digits = word.startsWith("+") ? start + 1 : start;
    edits.push({ start, end: digits, text: "" }, { start: digits, end, text: literal });
    return { end };
  }
  const isText = takesText && /[\p{L}\p{N}]/u.test(word) && !/\.\.\.|…/.test(word) && !NO_VALUE.test(word);
  if (!isText) return undefined;
  edits.push({ start, end: start, text: '"' }, { start: end, end, text: '"' });
  return { end };
}

/** A number with a plus sign, or a point that has digits on one side only, as JSON writes it. */
function plainNumber(word: string): string {
  return word
    .replace(/^\+/, "")
    .replace(/^\./, "0.")
    .replace(/\.(?!\d)/, ".0");
}
