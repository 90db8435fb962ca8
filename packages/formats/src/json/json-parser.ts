import { counted, type Row } from "@parallel-parrot/core";
import { elementScanner } from "./element-scanner.ts";
import { emptyInput, invalidInput, recordTooLong, type InputName } from "../source/input-name.ts";
import type { LineIndex } from "../source/line-index.ts";
import type { ParseRow } from "./parse-row.ts";
import type { RecordParser } from "../source/text-source.ts";

/** Makes rows of the elements of a JSON array. */
export class JsonParser implements RecordParser {
  readonly #name: InputName;
  readonly #parseRow: ParseRow;
  readonly #maxRecordBytes: number;
  readonly #lines: LineIndex;
  readonly #scanElement = elementScanner();
  /** What may come next, outside of an element. */
  #expected: "array" | "first element" | "element" | "comma" | "nothing" = "array";
  #insideElement = false;
  #elementLine = 1;
  #line = 1;
  #row = 0;
  #pending = "";
  #pendingBytes = 0;

  constructor(name: InputName, maxRecordBytes: number, lines: LineIndex, parseRow: ParseRow) {
    this.#name = name;
    this.#parseRow = parseRow;
    this.#maxRecordBytes = maxRecordBytes;
    this.#lines = lines;
  }

  columns(): undefined {}

  write(bytes: Buffer, rows: Row[]): void {
    const text = bytes.toString("utf8");
    for (let at = 0; at < text.length;) {
      if (this.#insideElement) {
        const { end, lines, closed } = this.#scanElement(text, at);
        this.#keep(text.slice(at, end));
        this.#line += lines;
        at = end;
        if (closed) this.#endElement(rows);
      } else {
        this.#step(text.charAt(at));
        // The scanner begins with the brace that opens an element.
        if (!this.#insideElement) at += 1;
      }
    }
  }

  end(): void {
    if (this.#expected === "array") throw emptyInput(this.#name);
    if (this.#insideElement) this.#fail(`element ${this.#row + 1} is never closed; is the file cut off?`);
    if (this.#expected !== "nothing") {
      this.#fail(`the array is never closed, after ${counted(this.#row, "element")}; is the file cut off?`);
    }
  }

  /** Takes one character between elements. */
  #step(character: string): void {
    if (character === "\n") this.#line += 1;
    if (/[ \t\r\n]/.test(character)) return;
    if (this.#expected === "array") {
      if (character === "{")
        this.#fail(
          "expected a JSON array of objects, got an object; if each line has one object, the format is jsonl",
        );
      if (character !== "[") this.#failAt("expected a JSON array of objects", character);
      this.#expected = "first element";
    } else if (this.#expected === "nothing") {
      this.#failAt("expected nothing after the array", character);
    } else if (character === "]" && this.#expected !== "element") {
      this.#expected = "nothing";
    } else if (this.#expected === "comma") {
      if (character !== ",") this.#failAt(`expected "," or "]" after element ${this.#row}`, character);
      this.#expected = "element";
    } else {
      if (character !== "{") this.#failAt(`expected element ${this.#row + 1} to be an object`, character);
      this.#insideElement = true;
      this.#elementLine = this.#line;
    }
  }

  #keep(piece: string): void {
    this.#pending += piece;
    this.#pendingBytes += Buffer.byteLength(piece);
    if (this.#pendingBytes > this.#maxRecordBytes) {
      throw recordTooLong(this.#name, { line: this.#elementLine, row: this.#row }, this.#maxRecordBytes);
    }
  }

  #endElement(rows: Row[]): void {
    const parsed = this.#parseRow(this.#pending);
    if (!parsed.ok) this.#fail(`element ${this.#row + 1}: ${parsed.problem}`, parsed.cause);
    else {
      rows.push(parsed.row);
      this.#lines.add(this.#elementLine);
    }
    this.#pending = "";
    this.#pendingBytes = 0;
    this.#insideElement = false;
    this.#expected = "comma";
    this.#row += 1;
  }

  #failAt(expectation: string, character: string): never {
    this.#fail(`${expectation}, got ${describe(character)}`);
  }

  #fail(problem: string, cause?: unknown): never {
    const line = this.#insideElement ? this.#elementLine : this.#line;
    throw invalidInput(this.#name, { line, row: this.#row }, problem, { cause });
  }
}

/** What kind of value begins with a character. */
function describe(character: string): string {
  if (character === "{") return "an object";
  if (character === "[") return "an array";
  if (character === '"') return "a string";
  return /[-\d]/.test(character) ? "a number" : JSON.stringify(character);
}
