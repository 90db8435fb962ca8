/** The next token: space, text, a word with the sheet it is in, an operator, or anything else. */
const TOKEN =
  /\s+|"[^"]*"|(?:(?:'[^']*'|(?:\[[^[\]]*\])?[\p{L}\p{N}_.\\]+)!)?[\p{L}\p{N}_.\\$]+(?::[\p{L}\p{N}_.\\$]+)?|./gsu;
const CELL = String.raw`\$?[A-Z]{1,3}\$?\d{1,7}|R\d+C\d+`;
const COLUMN = String.raw`\$?[A-Z]{1,3}`;
const REFERENCE = new RegExp(`^(?:(?:${CELL})(?::(?:${CELL}))?|${COLUMN}:${COLUMN})$`, "i");
const NAME = /^[\p{L}_\\]/u;
const BOOLEAN = /^(?:TRUE|FALSE)$/i;

type Operand = "text" | "number" | "name" | "reference" | "group";

/**
 * Whether the text after the sign of a formula is an expression with a call or a reference in it. It errs towards
 * expressions, but words side by side are prose, which every spreadsheet takes for text or for an error.
 */
export function isExpression(text: string): boolean {
  const reader = new ExpressionReader(text);
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!reader.take(token, index + token.length)) return false;
  }
  return reader.runs();
}

class ExpressionReader {
  readonly #text: string;
  /** The token before the next one, space left aside. */
  #last: Operand | undefined;
  #isSpaced = false;
  #depth = 0;
  #hasCall = false;
  #hasReference = false;
  #hasName = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Takes a token that ends at `end`; false where the text is not an expression. */
  take(token: string, end: number): boolean {
    if (/^\s/.test(token)) {
      this.#isSpaced = true;
      return true;
    }
    const isTaken = this.#step(token, end);
    this.#isSpaced = false;
    return isTaken;
  }

  /** Whether the tokens so far have something to run in them. */
  runs(): boolean {
    this.#endName();
    return this.#hasCall || (this.#hasReference && !this.#hasName);
  }

  #step(token: string, end: number): boolean {
    if (token.length > 1 || /[\p{L}\p{N}_.\\$]/u.test(token)) return this.#takeOperand(kindOf(token));
    switch (token) {
      case "(":
        return this.#open();
      case ")":
        this.#endName();
        this.#depth -= 1;
        this.#last = "group";
        return true;
      case "%":
      case "#":
        // They belong to the token before them.
        return this.#last !== undefined && !this.#isSpaced;
      case ":":
        return !this.#isSpaced && !/\s/.test(this.#text.charAt(end)) && this.#operate();
      case ",":
      case ";":
        return this.#depth > 0 && this.#operate();
      default:
        return "+-*/^&=<>@{}".includes(token) && this.#operate();
    }
  }

  #takeOperand(kind: Operand): boolean {
    const isBeside = this.#last !== undefined;
    const isText = kind === "text" && this.#last === "text" && !this.#isSpaced;
    const isIntersection = kind === "reference" && this.#last === "reference";
    if (isBeside && !isText && !isIntersection) return false;
    if (kind === "reference") this.#hasReference = true;
    this.#last = kind;
    return true;
  }

  #open(): boolean {
    if (this.#last !== undefined) {
      // A name such as LOG10 looks like a cell.
      if (this.#isSpaced || (this.#last !== "name" && this.#last !== "reference")) return false;
      this.#hasCall = true;
    }
    this.#last = undefined;
    this.#depth += 1;
    return true;
  }

  #operate(): boolean {
    this.#endName();
    this.#last = undefined;
    return true;
  }

  /** A name without a bracket after it is not a call. */
  #endName(): void {
    if (this.#last === "name") this.#hasName = true;
  }
}

function kindOf(token: string): Operand {
  if (token.startsWith('"')) return "text";
  if (token.includes("!") || REFERENCE.test(token)) return "reference";
  return NAME.test(token) && !BOOLEAN.test(token) ? "name" : "number";
}
