import { createContext, runInContext } from "node:vm";

interface Lengths {
  readonly minLength: number;
  readonly maxLength: number;
}

/** Patterns longer than this are not read. */
const MAX_PATTERN = 500;
/** No longer text is made of a pattern: `(a{999}){999}` is short, and what it matches is not. */
const MAX_LENGTH = 100_000;

/** A pattern such as `^(a+)+$` takes hours for some texts; then it counts as one that does not match. */
const MAX_MATCH_MS = 100;
const matching = createContext(Object.create(null), { name: "patterns" });

/** Numbers of repetitions for `*` and `+`, tried one after the other until the lengths fit. */
const REPEATS = [1, 2, 4, 8, 16, 32];

/**
 * Returns the text if it matches the pattern, else a string made from the pattern. Literals, classes, groups,
 * alternatives and quantifiers are supported; for a pattern with more, such as a look-ahead, the text is returned.
 */
export function stringFromPattern(pattern: string, text: string, lengths: Lengths): string {
  const matches = matcherOf(pattern);
  if (matches === undefined || matches(text)) return text;
  for (const repeats of REPEATS) {
    const made = new PatternReader(pattern, repeats).read();
    if (made !== undefined && fits(made, lengths) && matches(made)) return made;
  }
  return text;
}

function fits(text: string, { minLength, maxLength }: Lengths): boolean {
  return text.length >= minLength && text.length <= maxLength;
}

function matcherOf(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  try {
    const expression = new RegExp(pattern, "u");
    return (text) => matchesSoon(expression, text);
  } catch {
    return undefined;
  }
}

/** Only what runs in a context of its own can be ended from outside. */
function matchesSoon(expression: RegExp, text: string): boolean {
  Object.assign(matching, { expression, text });
  try {
    return runInContext("expression.test(text)", matching, { timeout: MAX_MATCH_MS }) === true;
  } catch {
    return false;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  d: "1",
  w: "a",
  s: " ",
  D: "a",
  W: "-",
  S: "a",
  t: "\t",
  n: "\n",
  b: "",
  B: "",
};

/** Writes the first string that a pattern describes, by recursive descent. */
class PatternReader {
  readonly #pattern: string;
  readonly #repeats: number;
  #at = 0;
  #isTooLong = false;

  constructor(pattern: string, repeats: number) {
    this.#pattern = pattern;
    this.#repeats = repeats;
  }

  read(): string | undefined {
    const made = this.#alternatives();
    return this.#at === this.#pattern.length && !this.#isTooLong ? made : undefined;
  }

  /** Takes the first alternative of `a|b` and skips the others. */
  #alternatives(): string {
    const first = this.#sequence();
    while (this.#take("|")) this.#sequence();
    return first;
  }

  #sequence(): string {
    let made = "";
    while (this.#at < this.#pattern.length && this.#peek() !== "|" && this.#peek() !== ")") {
      const atom = this.#atom();
      const count = this.#quantifier();
      if (made.length + atom.length * count > MAX_LENGTH) this.#isTooLong = true;
      else made += atom.repeat(count);
    }
    return made;
  }

  #atom(): string {
    const char = this.#next();
    if (char === "^" || char === "$") return "";
    if (char === ".") return "a";
    if (char === "\\") return this.#escape();
    if (char === "[") return this.#class();
    if (char !== "(") return char;
    const rest = this.#pattern.slice(this.#at);
    this.#at += /^\?(?::|<\w+>)/.exec(rest)?.[0].length ?? 0;
    const group = this.#alternatives();
    this.#take(")");
    return group;
  }

  #escape(): string {
    const char = this.#next();
    return Object.hasOwn(ESCAPES, char) ? (ESCAPES[char] ?? "") : char;
  }

  #class(): string {
    const isNegated = this.#take("^");
    const first = this.#peek() === "\\" ? (this.#next(), this.#escape()) : this.#next();
    const start = this.#at;
    while (this.#at < this.#pattern.length && this.#peek() !== "]") if (this.#next() === "\\") this.#next();
    const listed = new Set(first + this.#pattern.slice(start, this.#at));
    this.#take("]");
    // Of a range such as a-z only the ends are listed. The final match finds a wrong choice.
    return isNegated ? (Array.from("~1Aa-_ ").find((char) => !listed.has(char)) ?? "") : first;
  }

  /** The number of repetitions of the atom before: as few as allowed, or `#repeats` if there is no upper bound. */
  #quantifier(): number {
    const [quantifier, least, most] =
      /^(?:[*+?]|\{(\d+)(,\d*)?\})\??/.exec(this.#pattern.slice(this.#at)) ?? [];
    if (quantifier === undefined) return 1;
    this.#at += quantifier.length;
    if (quantifier.startsWith("?")) return 0;
    if (least === undefined) return this.#repeats;
    if (most === undefined) return Number(least);
    const limit = most === "," ? Infinity : Number(most.slice(1));
    return Math.min(limit, Math.max(Number(least), this.#repeats));
  }

  #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #next(): string {
    this.#at += 1;
    return this.#pattern.charAt(this.#at - 1);
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }
}
