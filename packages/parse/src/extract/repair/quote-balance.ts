/**
 * Follows the quotes inside a string: a quoted word has a quote on either side. Where they do not come in pairs, the
 * string may well end at another one.
 */
export class QuoteBalance {
  readonly #text: string;
  /** Where the string begins. */
  readonly #start: number;
  /** After these characters, a single quote is an apostrophe, or a sign for feet or inches. */
  readonly #signAfter: RegExp;
  #depth = 0;
  #hasFailed = false;

  constructor(text: string, start: number, opener: string) {
    this.#text = text;
    this.#start = start;
    this.#signAfter = "'‘’‚`".includes(opener) ? LETTER : DIGIT;
  }

  get isBalanced(): boolean {
    return this.#depth === 0 && !this.#hasFailed;
  }

  /** Takes in the quote at a place inside the string. */
  add(at: number): void {
    const before = at - 1 === this.#start ? " " : this.#text.charAt(at - 1);
    const behind = this.#text.charAt(at + 1);
    // As in `don't`.
    if (this.#signAfter === LETTER && LETTER.test(before) && LETTER.test(behind)) return;
    const direction = directionOf(before, behind);
    if (direction > 0 || (direction === 0 && this.#depth === 0)) this.#depth += 1;
    else if (this.#depth > 0) this.#depth -= 1;
    else if (!this.#signAfter.test(before)) this.#hasFailed = true;
  }
}

const LETTER = /[\p{L}\p{N}]/u;
const DIGIT = /\d/;
const SPACE = /\s/;
/** What does not stand at the beginning of a quoted word. */
const BEHIND_WORD = /[\s,;:)\]}，：］｝]/;

/** Above 0 where a quote opens by what is beside it, below 0 where it closes, 0 where that does not say. */
function directionOf(before: string, behind: string): number {
  if (BEHIND_WORD.test(behind)) return -1;
  return SPACE.test(before) ? 1 : Number(LETTER.test(behind)) - Number(LETTER.test(before));
}
