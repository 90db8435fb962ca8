import { looksLikeData } from "../looks-like-data.ts";

/** A change that a repair makes: `text` replaces what stands from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The part of a text from `start` to `end` with the changes made to it, in whatever order they come; `undefined` where
 * one of them would add, lose or change a letter. Every repair passes this check, however it was found.
 */
export function applyEdits(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  edits: readonly Edit[],
): string | undefined {
  const parts: string[] = [];
  let at = start;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at || !keepsLetters(text.slice(edit.start, edit.end), edit.text)) return undefined;
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at, end));
  return parts.join("");
}

/** Words of Python, JavaScript and other languages for values that JSON has a word for. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["TRUE", "true"],
  ["False", "false"],
  ["FALSE", "false"],
  ["None", "null"],
  ["NULL", "null"],
  ["Null", "null"],
  ["undefined", "null"],
]);

/** The word of JSON for a word of another language. */
export function jsonWordFor(word: string): string | undefined {
  return WORDS.get(word);
}

/** Characters that mean nothing by themselves: spaces, brackets, marks between values, quotes, a plus sign. */
const SYNTAX = /^[\s\u200B\u2060\uFEFF{}[\](),:，、،：｛｝［］"'`´“”„‟＂‘’‚\\+]*$/;
const COMMENT = /^(?:\/\/|#)[^\n\r]*$|^\/\*[^]*\*\/$/;

function keepsLetters(before: string, after: string): boolean {
  if (SYNTAX.test(after) && SYNTAX.test(before)) return true;
  // What was taken for a comment may be a part of the data.
  if (after === "" && COMMENT.test(before))
    return !looksLikeData(before) && (before.split('"').length - 1) % 2 === 0;
  if (jsonWordFor(before) === after) return true;
  if (/^\.?\d/.test(before)) return Number(before) === Number(after);
  return before.length === 1 && before < " " && JSON.parse(`"${after}"`) === before;
}
