import { countCells, type Sample } from "./count-cells.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import type { CsvLayout } from "./csv-layout.ts";
import { delimiterBelowTitle, DELIMITERS, findDelimiter } from "./find-delimiter.ts";

/** What is known once the beginning of a CSV text was looked at. */
export interface CsvBeginning {
  readonly layout: Omit<CsvLayout, "byteOrderMark">;
  /** Whether a carriage return by itself ends a line, as on old Macs. Otherwise it is a part of its cell. */
  readonly returnEndsLine: boolean;
  /** The delimiter of the lines below the first, where that one seems to be a title and no header. */
  readonly belowTitle: string | undefined;
  /** The line by which the text says what separates its cells, such as `sep=;`. */
  readonly said: string | undefined;
  /** The text to be read, with empty lines for those that are left out. */
  readonly text: string;
}

/** The beginning of a text is at most so many characters. */
const MAX_SAMPLE = 64 * 1024;

/** A first line for spreadsheets that says what separates cells. */
const SAID = /^"?sep=([^"\r\n])"?[\t ,;|]*(?=[\r\n]|$)/i;

/** Gathers the beginning of a text until it shows how its cells and lines are separated. */
export class CsvHead {
  readonly #dialect: CsvDialect;
  #text = "";
  #linesToSkip: number;
  #skipped = 0;

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#linesToSkip = dialect.skipLines;
  }

  /** Takes more text. Gives the beginning once it is known, however the text was cut. */
  take(text: string, isEnd: boolean): CsvBeginning | undefined {
    this.#text += text;
    this.#skipLines(isEnd);
    if (!isEnd && this.#linesToSkip > 0) return undefined;
    // What comes after a carriage return decides whether it is half of a line end.
    const whole = !isEnd && this.#text.endsWith("\r") ? this.#text.slice(0, -1) : this.#text;
    const sample = whole.slice(0, MAX_SAMPLE);
    const isLast = isEnd && sample.length === whole.length;
    const isCut = sample.length === MAX_SAMPLE;
    if (!isLast && !isCut && !/[\r\n]/.test(sample)) return undefined;
    const [line = "", said] = SAID.exec(sample) ?? [];
    const rest = sample.slice(line.length);
    const { delimiter } = this.#dialect;
    const given = delimiter ?? said;
    const { found, belowTitle } =
      given === undefined ? this.#find(rest, isLast, isCut) : { found: given, belowTitle: undefined };
    if (found === undefined) return undefined;
    const { lineEnd, counts } = countCells(rest, found, this.#dialect, isLast);
    if (lineEnd === undefined && counts.length === 0 && !isLast && !isCut) return undefined;
    return {
      layout: { delimiter: found, recordDelimiter: lineEnd === "\r\n" ? "\r\n" : "\n" },
      returnEndsLine: lineEnd === "\r" || lineEnd === undefined,
      belowTitle,
      said: said === undefined ? undefined : line,
      text: "\n".repeat(this.#skipped) + this.#text.slice(line.length),
    };
  }

  /** The delimiter, once the text shows it, and that of the lines below a title. */
  #find(text: string, isLast: boolean, isCut: boolean): { found?: string; belowTitle?: string | undefined } {
    const { usualDelimiter: usual } = this.#dialect;
    const candidates = [usual, ...DELIMITERS.filter((each) => each !== usual)];
    const samples = candidates.map((each): [string, Sample] => [
      each,
      countCells(text, each, this.#dialect, isLast),
    ]);
    if (!isLast && !isCut) {
      if (samples.some(([, { counts }]) => counts.length === 0)) return {};
      // A header with the usual delimiter alone, or with none, is not waited any longer for.
      const others = samples.filter(([each, { counts }]) => each !== usual && (counts[0]?.cells ?? 1) > 1);
      if (others.length > 0 && samples.some(([, { isFull }]) => !isFull)) return {};
    }
    const counts = new Map(samples.map(([each, sample]) => [each, sample.counts]));
    return { found: findDelimiter(usual, counts) ?? usual, belowTitle: delimiterBelowTitle(usual, counts) };
  }

  #skipLines(isEnd: boolean): void {
    while (this.#linesToSkip > 0) {
      const found = /\r\n|\n|\r/.exec(this.#text);
      const end = found === null ? this.#text.length : found.index + found[0].length;
      const isHalf = found?.[0] === "\r" && end === this.#text.length && !isEnd;
      if (isHalf || (found === null && !isEnd)) {
        this.#text = isHalf ? "\r" : "";
        return;
      }
      this.#text = this.#text.slice(end);
      this.#linesToSkip -= 1;
      this.#skipped += 1;
      if (found === null) return;
    }
  }
}
