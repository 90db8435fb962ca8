import type { Row } from "@parallel-parrot/core";
import { invalidInput, recordTooLong, type InputName } from "../../source/input-name.ts";
import type { LineIndex } from "../../source/line-index.ts";
import type { SourceNotes } from "../../source/source-notes.ts";
import type { ParseJson } from "../json-value-parser.ts";

/** What the readers of the parts of one JSON text share: where they are, and how values are read. */
export class JsonReading {
  readonly name: InputName;
  readonly maxRecordBytes: number;
  readonly parse: ParseJson;
  readonly lines: LineIndex;
  readonly notes: SourceNotes;
  /** Whether messages name lines: not where text is read again. */
  hasLines = true;
  /** The line that is being read, counted from 1. */
  line = 1;
  /** The number of the next row, counted from 0. */
  row = 0;

  constructor(
    name: InputName,
    maxRecordBytes: number,
    parse: ParseJson,
    noted: { readonly lines: LineIndex; readonly notes: SourceNotes },
  ) {
    this.name = name;
    this.maxRecordBytes = maxRecordBytes;
    this.parse = parse;
    this.lines = noted.lines;
    this.notes = noted.notes;
  }

  /** Adds a row that begins on a line. */
  addRow(row: Row, line: number, rows: Row[]): void {
    rows.push(row);
    this.lines.add(line);
    this.row += 1;
  }

  fail(
    problem: string,
    {
      line = this.line,
      cause,
      option,
    }: { readonly line?: number; readonly cause?: unknown; readonly option?: string } = {},
  ): never {
    const at = { row: this.row, ...(this.hasLines ? { line } : {}) };
    throw invalidInput(this.name, at, problem, { cause, option });
  }

  /** The same input, read again from text that was kept. */
  again(): JsonReading {
    const again = new JsonReading(this.name, this.maxRecordBytes, this.parse, this);
    again.hasLines = false;
    again.row = this.row;
    return again;
  }

  failAt(expectation: string, character: string): never {
    this.fail(`${expectation}, got ${describe(character)}`);
  }

  /** A value that is too long to be kept. */
  tooLong(line: number): never {
    throw recordTooLong(this.name, { line, row: this.row }, this.maxRecordBytes);
  }
}

/** Reads a part of a JSON text, over as many pieces as it takes. */
export interface PartReader {
  /** Whether the part is read to its end. */
  readonly isEnded: boolean;
  /** Reads on at an index, adds the rows that end, and gives the index behind what it has read. */
  write(text: string, at: number, rows: Row[]): number;
  /** Fails with what is missing, where the text ends within this part. */
  failUnended(): never;
}

const BLANK = /[ \t\r\n]/;

/** Whether a character may stand between values; counts lines. */
export function passBlank(reading: JsonReading, character: string): boolean {
  if (character === "\n") reading.line += 1;
  return BLANK.test(character);
}

/** What kind of value begins with a character. */
function describe(character: string): string {
  if (character === "{") return "an object";
  if (character === "[") return "an array";
  if (character === '"') return "a string";
  return /[-\d]/.test(character) ? "a number" : JSON.stringify(character);
}
