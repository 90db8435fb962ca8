import { countLineEnds } from "../source/count-lines.ts";
import type { SourceNoteCode, SourceNotes } from "../source/source-notes.ts";
import { problemOf, textBehindQuote, type CellFault } from "./cell-fault.ts";

/** How the cells of a text are told apart. */
export interface CellDialect {
  readonly delimiter: string;
  readonly quotes: boolean;
  readonly escape: string | undefined;
  readonly comment: string | undefined;
  readonly returnEndsLine: boolean;
  /** Whether untidy cells are faults. */
  readonly strict: boolean;
}

/** Text as RFC 4180 has it, and the fault behind it if there is one. */
export interface TidyText {
  readonly text: string;
  readonly fault?: CellFault;
}

/** An untidy part of a cell: what it is, and where. */
type Untidy = readonly [code: SourceNoteCode, at: number];

const QUOTE = 0x22;

/**
 * Rewrites the cells of a CSV text that people and programs write in other ways than RFC 4180, where there is one
 * reading of them, and counts them. Whatever is tidy passes as it is. A cell that is cut off by the end of a chunk
 * waits for the next one, except inside of quotes.
 */
export class CellTidier {
  readonly #dialect: CellDialect;
  readonly #notes: SourceNotes;
  /** Finds what ends an unquoted cell, or may make it untidy. */
  readonly #special: RegExp;
  readonly #blanks: RegExp;
  #text = "";
  #out = "";
  /** Where the text begins that is not in `#out` yet. */
  #from = 0;
  #at = 0;
  #isEnd = false;
  /** Whether nothing but quotes makes cells of `#text` untidy. */
  #isPlain = false;
  #inQuotes = false;
  /** Whether blanks before the quote of the cell at `#at` were noted. */
  #isNoted = false;
  #isRecordStart = true;
  /** The place of the cell at `#at` in its record. */
  #cell = 0;
  /** How many characters of the cell at `#at` are known to be plain. */
  #plain = 0;
  #line = 1;
  #countedTo = 0;
  /** The character before `#text`. */
  #before = "";
  #fault: CellFault | undefined;

  constructor(dialect: CellDialect, notes: SourceNotes) {
    this.#dialect = dialect;
    this.#notes = notes;
    const { delimiter, quotes, escape } = dialect;
    const specials = [delimiter, ...(quotes ? ['"'] : []), ...(escape === undefined ? [] : [escape])];
    this.#special = new RegExp(`[\\n\\r${specials.map(escapeInClass).join("")}]`, "g");
    this.#blanks = delimiter === "\t" ? / */y : delimiter === " " ? /\t*/y : /[ \t]*/y;
  }

  /** How many characters wait for more. */
  get heldLength(): number {
    return this.#text.length;
  }

  tidy(chunk: string, isEnd: boolean): TidyText {
    this.#text += chunk;
    this.#isEnd = isEnd;
    [this.#out, this.#from, this.#at, this.#countedTo] = ["", 0, 0, 0];
    this.#isPlain = this.#hasPlainCells();
    while (this.#at < this.#text.length && this.#fault === undefined && this.#step());
    this.#flush(this.#at);
    this.#countLines(this.#at);
    this.#before = this.#characterBefore(this.#at);
    this.#text = this.#text.slice(this.#at);
    return this.#fault === undefined ? { text: this.#out } : { text: this.#out, fault: this.#fault };
  }

  #hasPlainCells(): boolean {
    const { escape, comment, returnEndsLine } = this.#dialect;
    if (escape !== undefined || comment !== undefined) return false;
    return returnEndsLine || !this.#text.includes("\r") || !/\r(?!\n|$)/.test(this.#text);
  }

  /** Goes to the cell with the next quote, or to the last, which may go on in the next chunk; `false` from there. */
  #skipPlain(): boolean {
    const { delimiter, quotes } = this.#dialect;
    const quote = quotes ? this.#text.indexOf('"', this.#at) : -1;
    const text = this.#text.slice(this.#at, quote === -1 ? undefined : quote);
    const last = quote === -1 && text.endsWith("\r") ? text.slice(0, -1) : text;
    const line = Math.max(last.lastIndexOf("\n"), last.lastIndexOf("\r"));
    let start = line + 1;
    let cell = line === -1 ? this.#cell : 0;
    for (let at = last.indexOf(delimiter, start); at !== -1; at = last.indexOf(delimiter, start)) {
      cell += 1;
      start = at + 1;
    }
    if (start === 0) return false;
    [this.#at, this.#cell, this.#plain] = [this.#at + start, cell, 0];
    this.#isRecordStart = start === line + 1;
    return true;
  }

  /** Goes on by a part of the text; `false` where that has to wait for more. */
  #step(): boolean {
    if (this.#inQuotes) return this.#quotedStep();
    const character = this.#text.charAt(this.#at);
    if (this.#isRecordStart && character === this.#dialect.comment) return this.#commentStep();
    if (this.#dialect.quotes && character === '"') {
      this.#inQuotes = true;
      this.#isRecordStart = false;
      this.#at += 1;
      return true;
    }
    if (this.#isPlain && this.#skipPlain()) return true;
    return this.#unquotedStep();
  }

  /** Leaves out a line, up to its end. */
  #commentStep(): boolean {
    const end = indexFrom(this.#text, /[\r\n]/g, this.#at);
    if (end === -1 && !this.#isEnd) return false;
    const next = end === -1 ? this.#text.length : end;
    this.#notes.add("COMMENT_LINE", this.#text.slice(this.#at, next), { line: this.#lineAt(this.#at) });
    this.#replace(this.#at, next, "");
    this.#at = next;
    this.#isRecordStart = false;
    return true;
  }

  /** Goes on in a quoted cell, which passes as it is up to its closing quote. */
  #quotedStep(): boolean {
    const { escape } = this.#dialect;
    const text = this.#text;
    const at = escape === undefined ? singleQuote(text, this.#at) : indexFrom(text, this.#special, this.#at);
    this.#at = at === -1 ? text.length : at;
    if (at === -1) return true;
    const next = text.charAt(at + 1);
    if (next === "" && !this.#isEnd) return false;
    if (text[at] === escape) {
      if (next === '"') this.#replace(at, at + 2, '""');
      else if (next === escape) this.#replace(at, at + 2, next);
      this.#at = Math.min(at + 2, text.length);
      return true;
    }
    if (text[at] !== '"') {
      this.#at = at + 1;
      return true;
    }
    if (next === '"') {
      this.#at = at + 2;
      return true;
    }
    if (next === this.#dialect.delimiter || next === "\n") {
      this.#inQuotes = false;
      this.#endCell(at + 1, next);
      return true;
    }
    return this.#closingStep(at + 1);
  }

  /** Goes on behind a closing quote, which blanks may follow. */
  #closingStep(behind: number): boolean {
    const end = this.#skipBlanks(behind);
    const next = this.#endAt(end);
    if (next === undefined) return false;
    if (next === "text") {
      this.#fail(textBehindQuote(this.#text.charAt(end), this.#characterBefore(behind - 1)), end);
      return true;
    }
    if (end > behind) {
      this.#replace(behind, end, "");
      if (!this.#isNoted) this.#note("BLANKS_AROUND_QUOTES", behind, `"${this.#text.slice(behind, end)}`);
    }
    this.#inQuotes = false;
    this.#endCell(end, next);
    return true;
  }

  /** Goes over a cell without quotes around it. */
  #unquotedStep(): boolean {
    const { delimiter, escape } = this.#dialect;
    const start = this.#at;
    const untidy: Untidy[] = [];
    /** The cell up to `copied`, without what escapes. */
    let value = "";
    let copied = start;
    let at = start + this.#plain;
    for (;;) {
      const found = indexFrom(this.#text, this.#special, at);
      at = found === -1 ? this.#text.length : found;
      if (found === -1 && !this.#isEnd) {
        if (untidy.length === 0 && copied === start) this.#plain = at - start;
        return false;
      }
      const character = this.#text.charAt(at);
      if (character === '"') {
        const opened = untidy.length === 0 && copied === start ? this.#openingAt(start, at) : "text";
        if (opened === undefined) return false;
        if (opened === "quoted") return true;
        untidy.push(["QUOTE_IN_CELL", at]);
        at += 1;
      } else if (character === escape && escape !== undefined) {
        if (at + 1 === this.#text.length && !this.#isEnd) return false;
        value += this.#text.slice(copied, at);
        copied = at + 1;
        const next = this.#text.charAt(copied);
        if (![delimiter, '"', escape, "\n", "\r"].includes(next)) value += escape;
        at = Math.min(at + 2, this.#text.length);
      } else {
        const end = this.#endAt(at);
        if (end === undefined) return false;
        if (end !== "text") {
          value += this.#text.slice(copied, at);
          this.#rewrite(start, at, value, untidy, copied > start);
          if (this.#fault === undefined) this.#endCell(at, end);
          return true;
        }
        untidy.push(["RETURN_IN_CELL", at]);
        at += 1;
      }
    }
  }

  /** Puts an untidy cell into quotes, and notes why. */
  #rewrite(start: number, end: number, value: string, untidy: readonly Untidy[], isEscaped: boolean): void {
    for (const code of new Set(untidy.map(([each]) => each))) {
      this.#note(code, untidy.find(([each]) => each === code)?.[1] ?? start, this.#text.slice(start, end));
    }
    const isQuoted = isEscaped || untidy.some(([code]) => code === "QUOTE_IN_CELL");
    if (isQuoted && this.#fault === undefined) this.#replace(start, end, `"${value.replaceAll('"', '""')}"`);
  }

  /**
   * Whether a quote that may have blanks in front of it opens a cell: it does where the quote that closes it ends the
   * cell. `undefined` where that is not known yet.
   */
  #openingAt(start: number, quote: number): "quoted" | "text" | undefined {
    if (this.#skipBlanks(start) !== quote) return "text";
    const closing = this.#closingOf(quote);
    if (closing === -1 && !this.#isEnd) return undefined;
    const end = closing === -1 ? this.#text.length : this.#skipBlanks(closing + 1);
    const next = this.#endAt(end);
    if (next === undefined) return undefined;
    if (next === "text") {
      const inside = this.#text.slice(quote, closing);
      if (!inside.includes(this.#dialect.delimiter) && !/[\r\n]/.test(inside)) return "text";
      // Whether these separate cells or belong to one cannot be known.
      this.#fail(textBehindQuote(this.#text.charAt(end), this.#text.charAt(closing - 1)), end);
      return "quoted";
    }
    this.#replace(start, quote, "");
    this.#note("BLANKS_AROUND_QUOTES", quote, this.#text.slice(start, end));
    this.#at = quote + 1;
    [this.#inQuotes, this.#isNoted] = [true, true];
    this.#isRecordStart = false;
    return "quoted";
  }

  /** The place of the quote that closes another; -1 where there is none yet. */
  #closingOf(quote: number): number {
    const { escape } = this.#dialect;
    for (let at = quote + 1; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (character === escape) at += 1;
      else if (character === '"') {
        if (at + 1 === this.#text.length && !this.#isEnd) return -1;
        if (this.#text[at + 1] !== '"') return at;
        at += 1;
      }
    }
    return -1;
  }

  #skipBlanks(at: number): number {
    this.#blanks.lastIndex = at;
    this.#blanks.test(this.#text);
    return this.#blanks.lastIndex;
  }

  /** What ends a cell at a place: a delimiter, a line end, the end of the text; "text" if nothing does. */
  #endAt(at: number): string | undefined {
    if (at >= this.#text.length) return this.#isEnd ? "" : undefined;
    const character = this.#text.charAt(at);
    if (character === this.#dialect.delimiter || character === "\n") return character;
    if (character !== "\r") return "text";
    const next = this.#text.charAt(at + 1);
    if (next === "" && !this.#isEnd) return undefined;
    if (next === "\n") return "\r\n";
    // The last one of a text ends its line whatever the others are.
    return this.#dialect.returnEndsLine || next === "" ? "\r" : "text";
  }

  #endCell(at: number, end: string): void {
    if (end === "\r" && !this.#dialect.returnEndsLine) this.#replace(at, at + 1, "\n");
    const isDelimiter = end === this.#dialect.delimiter;
    this.#at = at + end.length;
    this.#cell = isDelimiter ? this.#cell + 1 : 0;
    this.#isRecordStart = !isDelimiter;
    this.#plain = 0;
    this.#isNoted = false;
  }

  #replace(start: number, end: number, text: string): void {
    this.#flush(start);
    this.#out += text;
    this.#from = end;
  }

  #flush(to: number): void {
    if (to > this.#from) this.#out += this.#text.slice(this.#from, to);
  }

  #note(code: SourceNoteCode, at: number, text: string): void {
    if (this.#dialect.strict) this.#fail([problemOf(code)], at);
    else this.#notes.add(code, text, { line: this.#lineAt(at) });
  }

  #fail([problem, option]: readonly [problem: string, option?: string], at: number): void {
    if (this.#fault !== undefined) return;
    const line = this.#lineAt(at);
    this.#fault = { problem, ...(option === undefined ? {} : { option }), line, cell: this.#cell };
  }

  #lineAt(at: number): number {
    this.#countLines(at);
    return this.#line;
  }

  #countLines(to: number): void {
    if (to <= this.#countedTo) return;
    const text = this.#text.slice(this.#countedTo, to);
    const isHalf = text.startsWith("\n") && this.#characterBefore(this.#countedTo) === "\r";
    this.#line += countLineEnds(text) - (isHalf ? 1 : 0);
    this.#countedTo = to;
  }

  #characterBefore(at: number): string {
    return at === 0 ? this.#before : this.#text.charAt(at - 1);
  }
}

function escapeInClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character;
}

/** The place of the next quote that no other quote follows; -1 where there is none. */
function singleQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function indexFrom(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
