const OPENERS: ReadonlyMap<string, string> = new Map([
  ['"', '"”“＂'],
  ["“", '”“"'],
  ["”", '”“"'],
  ["„", '”“"'],
  ["‟", '”“"'],
  ["＂", '＂"'],
  ["'", "'’"],
  ["‘", "’‘'"],
  ["’", "’‘'"],
  ["‚", "’‘'"],
  ["`", "`´'"],
]);

const FULL_WIDTH: ReadonlyMap<string, string> = new Map([
  ["，", ","],
  ["、", ","],
  ["،", ","],
  ["：", ":"],
  ["｛", "{"],
  ["｝", "}"],
  ["［", "["],
  ["］", "]"],
]);

const BLANK = /[\s\u200B\u2060\uFEFF]*/y;
const LINE_COMMENT = /(?:\/\/|#)[^\n\r]*/y;
const BARE_KEY = /[\p{L}_$][\p{L}\p{N}_$-]*|\d+/uy;
const VALUE_START = /["'“”„‟＂‘’‚`{[({]|-?\d|(?:true|false|null|True|False|None)\b/y;

/** The greatest length of a key; a longer text is not a key. */
export const MAX_KEY_LENGTH = 256;
/** How often each character of a text may be looked at, on average. */
const LOOKS = 16;

/** Where a string stands. */
export interface Place {
  readonly isKey: boolean;
  /** The bracket that closes what it stands in, and the one around that. */
  readonly closer: string;
  readonly outerCloser: string | undefined;
}

/**
 * Looks ahead in a text that is almost JSON, within linear time: it may look at a character often, but not at all of
 * them. Once {@linkcode isTired}, its results must not be used.
 */
export class Lookout {
  readonly text: string;
  #left: number;

  constructor(text: string) {
    this.text = text;
    this.#left = 1000 + LOOKS * text.length;
  }

  get isTired(): boolean {
    return this.#left < 0;
  }

  /** Notes that characters were looked at. */
  spend(characters: number): void {
    this.#left -= characters + 1;
  }

  /** The closing quotes for the quote at a place; `undefined` where none stands there. */
  quotesFor(at: number): string | undefined {
    return OPENERS.get(this.text.charAt(at));
  }

  /** The character at a place, in its ASCII form where it is full-width punctuation. */
  mark(at: number): string {
    const character = this.text.charAt(at);
    return FULL_WIDTH.get(character) ?? character;
  }

  afterBlank(at: number): number {
    return this.match(BLANK, at) ?? at;
  }

  /** The end of the comment that begins at a place; `undefined` where none does, or it has no end. */
  afterComment(at: number): number | undefined {
    if (!this.text.startsWith("/*", at)) return this.match(LINE_COMMENT, at);
    const end = this.text.indexOf("*/", at + 2);
    this.spend((end === -1 ? this.text.length : end) - at);
    return end === -1 ? undefined : end + 2;
  }

  /** Where a key with its colon begins at a place: a text in quotes or a bare word. */
  isKeyAt(at: number): boolean {
    const quotes = this.quotesFor(at);
    const end = quotes === undefined ? this.match(BARE_KEY, at) : this.#quotedEnd(at, quotes);
    return end !== undefined && this.mark(this.afterBlank(end)) === ":";
  }

  /** The end of a bare key at a place; `undefined` where none stands there. */
  bareKeyEnd(at: number): number | undefined {
    return this.match(BARE_KEY, at);
  }

  /** Whether what follows a quote is what follows a string in its place. */
  closesBefore(at: number, { isKey, closer, outerCloser }: Place, quotes: string): boolean {
    const next = this.#afterComments(at, quotes);
    if (isKey) return this.mark(next) === ":";
    const mark = this.mark(next);
    if (mark === "" || mark === closer || mark === outerCloser) return true;
    if (mark === ",") {
      let behind = this.#afterComments(next + 1, "");
      // In an object, a surplus comma means nothing.
      while (closer === "}" && this.mark(behind) === ",") behind = this.#afterComments(behind + 1, "");
      if (["", closer].includes(this.mark(behind))) return true;
      return closer === "}" ? this.isKeyAt(behind) : this.match(VALUE_START, behind) !== undefined;
    }
    // A comma is missing; it may be in a comment, and that a part of the string.
    if (closer !== "}" || next !== this.afterBlank(at)) return false;
    const isAfterQuotes = this.quotesFor(next) !== undefined || this.text.slice(at, next).includes("\n");
    return isAfterQuotes && this.isKeyAt(next);
  }

  /** Where a sticky expression ends that matches at a place. */
  match(expression: RegExp, at: number): number | undefined {
    expression.lastIndex = at;
    if (!expression.test(this.text)) {
      this.spend(0);
      return undefined;
    }
    this.spend(expression.lastIndex - at);
    return expression.lastIndex;
  }

  #afterComments(at: number, quotes: string): number {
    let next = this.afterBlank(at);
    for (;;) {
      const end = this.afterComment(next);
      if (end === undefined) return next;
      // A comment with the string's own quote in it may be the rest of the string.
      if (Array.from(this.text.slice(next, end)).some((character) => quotes.includes(character))) return next;
      next = this.afterBlank(end);
    }
  }

  #quotedEnd(start: number, quotes: string): number | undefined {
    const limit = Math.min(this.text.length, start + MAX_KEY_LENGTH);
    for (let at = start + 1; at < limit; at++) {
      const character = this.text.charAt(at);
      if (character === "\\") at += 1;
      else if (character === "\n") return undefined;
      else if (quotes.includes(character)) {
        this.spend(at - start);
        return at + 1;
      }
    }
    this.spend(limit - start);
    return undefined;
  }
}
