import { counted, isObject, type Row, setCell } from "@parallel-parrot/core";
import { Parser, type CsvError } from "csv-parse";
import { emptyInput, invalidInput, recordTooLong, type InputName } from "../source/input-name.ts";
import type { LineIndex } from "../source/line-index.ts";
import { nameColumns } from "./name-columns.ts";
import type { RecordParser } from "../source/text-source.ts";
import { codeOf } from "../system-error.ts";

/** At most so many cells in a record: a line of nothing but commas would take far more memory than its text. */
const MAX_CELLS = 100_000;

/** How a CSV text is to be read. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quotes: boolean;
  readonly ragged: "error" | "pad";
  readonly duplicateHeaders: "rename" | "error";
}

/** Makes rows of CSV text with csv-parse, which is handed whole characters and gives back lists of cells. */
export class CsvParser implements RecordParser {
  readonly #name: InputName;
  readonly #dialect: CsvDialect;
  readonly #maxRecordBytes: number;
  readonly #lines: LineIndex;
  readonly #parser: Parser;
  #columns: readonly string[] | undefined;
  /** Where the rows of the write in progress go. */
  #rows: Row[] = [];
  /** Line of the next record, blank lines not counted. csv-parse counts a CRLF inside a cell twice. */
  #nextLine = 1;
  #blankLines = 0;
  /** About how many bytes came since the last record or blank line ended: csv-parse does not count delimiters and quotes. */
  #pendingBytes = 0;
  #records = 0;

  constructor(name: InputName, dialect: CsvDialect, maxRecordBytes: number, lines: LineIndex) {
    this.#name = name;
    this.#dialect = dialect;
    this.#maxRecordBytes = maxRecordBytes;
    this.#lines = lines;
    this.#parser = new Parser({
      delimiter: dialect.delimiter,
      quote: dialect.quotes ? '"' : false,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxRecordBytes,
      // Records are taken here, not from the readable side, where an error would discard those before it.
      on_record: (cells: readonly string[], { empty_lines: blankLines }) => {
        this.#takeRecord(cells, blankLines);
        return null;
      },
    });
    // Errors arrive by the callbacks; without a listener their event would end the process as well.
    this.#parser.on("error", () => undefined);
  }

  columns(): readonly string[] | undefined {
    return this.#columns;
  }

  async write(bytes: Buffer, rows: Row[]): Promise<void> {
    this.#rows = rows;
    const ended = this.#records + this.#parser.info.empty_lines;
    await this.#feed((done) => this.#parser.write(bytes, done));
    const hasEnded = this.#records + this.#parser.info.empty_lines > ended;
    this.#pendingBytes = (hasEnded ? 0 : this.#pendingBytes) + bytes.length;
    const line = this.#lineAfter(this.#parser.info.empty_lines);
    if (this.#pendingBytes > this.#maxRecordBytes + CHUNK_BYTES)
      throw recordTooLong(this.#name, { line }, this.#maxRecordBytes);
    this.#requireFew(cellsSoFar(this.#parser), line);
  }

  async end(rows: Row[]): Promise<void> {
    this.#rows = rows;
    await this.#feed((done) => this.#parser.end(done));
    if (this.#columns === undefined) throw emptyInput(this.#name);
  }

  async #feed(run: (done: (error?: Error | null) => void) => void): Promise<void> {
    const error = await new Promise<Error | null | undefined>(run);
    if (error) throw isCsvError(error) ? this.#inputError(error) : error;
  }

  #takeRecord(cells: readonly string[], blankLines: number): void {
    const line = this.#lineAfter(blankLines);
    this.#requireFew(cells.length, line);
    this.#records += 1;
    this.#blankLines = blankLines;
    this.#nextLine = line + 1;
    for (const cell of cells) this.#nextLine += countLineBreaks(cell);
    if (this.#columns === undefined) {
      this.#columns = nameColumns(cells, this.#dialect.duplicateHeaders, this.#name, line);
    } else {
      this.#rows.push(this.#toRow(cells, this.#columns, line));
      this.#lines.add(line);
    }
  }

  #requireFew(cells: number, line: number): void {
    if (cells <= MAX_CELLS) return;
    const problem = `the row has more than ${MAX_CELLS} cells; is ${JSON.stringify(this.#dialect.delimiter)} the right delimiter?`;
    throw invalidInput(this.#name, { line }, problem);
  }

  #lineAfter(blankLines: number): number {
    return this.#nextLine + blankLines - this.#blankLines;
  }

  #toRow(cells: readonly string[], columns: readonly string[], line: number): Row {
    const { ragged, delimiter } = this.#dialect;
    if (cells.length > columns.length || (cells.length < columns.length && ragged === "error")) {
      const option = cells.length < columns.length ? "ragged" : undefined;
      const problem = raggedProblem(cells.length, columns.length, delimiter);
      throw invalidInput(this.#name, { line }, problem, { option });
    }
    const row: Row = {};
    for (const [index, column] of columns.entries()) setCell(row, column, cells[index] ?? "");
    return row;
  }

  #inputError(error: CsvError): Error {
    const line = this.#lineAfter(Number(error["empty_lines"]));
    return error.code === "CSV_MAX_RECORD_SIZE"
      ? recordTooLong(this.#name, { line }, this.#maxRecordBytes)
      : invalidInput(this.#name, { line }, ...quoteProblem(error));
  }
}

/** Bytes come in pieces of this size at most. */
const CHUNK_BYTES = 64 * 1024;

/** The cells of the record that csv-parse is in the middle of, which its types do not show. */
function cellsSoFar(parser: Parser): number {
  const state: unknown = Reflect.get(parser, "state");
  const record: unknown = isObject(state) ? Reflect.get(state, "record") : [];
  return Array.isArray(record) ? record.length : 0;
}

function countLineBreaks(cell: string): number {
  return cell.includes("\n") || cell.includes("\r") ? (cell.match(/\r\n|\n|\r/g)?.length ?? 0) : 0;
}

function isCsvError(error: Error): error is CsvError {
  return /^(?:CSV_|INVALID_OPENING_QUOTE)/.test(String(codeOf(error)));
}

function raggedProblem(actual: number, expected: number, delimiter: string): string {
  const found = `expected ${counted(expected, "cell")}, got ${actual}`;
  return actual > expected
    ? `${found}; a cell that contains ${JSON.stringify(delimiter)} must be in quotes`
    : `${found}; complete the row, or set the option ragged: "pad" to fill such rows with empty cells`;
}

/** What is wrong with the quotes of a cell, and the option that helps. */
function quoteProblem(
  cause: CsvError,
): [problem: string, { readonly cause: CsvError; readonly option?: string }] {
  if (cause.code === "CSV_QUOTE_NOT_CLOSED")
    return ["a quote in the row that starts here is never closed", { cause }];
  const [, behind] = /^Invalid Closing Quote: got "([;|\t])"/.exec(cause.message) ?? [];
  if (behind !== undefined) {
    const found = `${JSON.stringify(behind)} after the closing quote of a cell`;
    return [
      `${found}; if it separates the cells, set the option delimiter to it`,
      { cause, option: "delimiter" },
    ];
  }
  const remedy = "or set the option quotes: false to read quotes as ordinary characters";
  const problem =
    cause.code === "INVALID_OPENING_QUOTE"
      ? `a quote inside an unquoted cell; put the cell in quotes and double the quote, ${remedy}`
      : `text after the closing quote of a cell; double a quote that belongs to the cell, ${remedy}`;
  return [problem, { cause, option: "quotes" }];
}
