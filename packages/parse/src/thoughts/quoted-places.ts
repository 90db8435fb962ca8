const QUOTES = "\"'`“”‘’„«»";

/**
 * Tells whether places of a text stand between quotes: directly, or on a line with an odd number of quotes, or of
 * backticks, on either side, as inside a JSON string. Asked for places in ascending order, it takes linear time.
 */
export class QuotedPlaces {
  readonly #text: string;
  #lineEnd = -1;
  #counted = 0;
  #before: Count = NONE;
  #line: Count = NONE;

  constructor(text: string) {
    this.#text = text;
  }

  has(start: number, end: number): boolean {
    const text = this.#text;
    if (isQuote(text.charAt(start - 1)) && isQuote(text.charAt(end))) return true;
    if (start > this.#lineEnd) this.#enterLine(start);
    this.#before = sum(this.#before, count(text, this.#counted, start));
    this.#counted = start;
    const { quotes, backticks } = this.#before;
    return isInside(quotes, this.#line.quotes) || isInside(backticks, this.#line.backticks);
  }

  #enterLine(place: number): void {
    const start = this.#text.lastIndexOf("\n", place) + 1;
    const end = this.#text.indexOf("\n", place);
    this.#lineEnd = end === -1 ? this.#text.length : end;
    this.#line = count(this.#text, start, this.#lineEnd);
    this.#before = NONE;
    this.#counted = start;
  }
}

function isInside(before: number, all: number): boolean {
  return before % 2 === 1 && (all - before) % 2 === 1;
}

interface Count {
  readonly quotes: number;
  readonly backticks: number;
}

const NONE: Count = { quotes: 0, backticks: 0 };

/** Double quotes and backticks; a quote after a backslash is a part of what is quoted. */
function count(text: string, from: number, to: number): Count {
  let quotes = 0;
  let backticks = 0;
  for (let i = from; i < to; i++) {
    const character = text.charAt(i);
    if (character === "\\") i += 1;
    else if (character === '"') quotes += 1;
    else if (character === "`") backticks += 1;
  }
  return { quotes, backticks };
}

function sum(a: Count, b: Count): Count {
  return { quotes: a.quotes + b.quotes, backticks: a.backticks + b.backticks };
}

function isQuote(character: string): boolean {
  return character !== "" && QUOTES.includes(character);
}
