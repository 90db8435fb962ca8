import { counted, type Row, setCell } from "@parallel-parrot/core";
import { nameColumns } from "../columns/name-columns.ts";
import { emptyInput, invalidInput, type InputName } from "../source/input-name.ts";
import type { SourceNoteCode } from "../source/source-notes.ts";
import type { Noted, RecordParser } from "../source/text-source.ts";
import type { CellFault } from "./cell-fault.ts";
import { CellTidier } from "./cell-tidier.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { CsvHead, type CsvBeginning } from "./csv-head.ts";
import { CsvRecords } from "./csv-records.ts";

/** What may be said to separate the cells of a table with one column, whose texts have none of it. */
const OTHER_DELIMITERS: readonly string[] = ["|", "^", "~", ";"];

/** What reads the text, once its beginning has shown how it is written. */
interface Reading {
  readonly layout: CsvBeginning["layout"];
  readonly tidier: CellTidier;
  readonly records: CsvRecords;
}

/**
 * Makes rows of CSV text: its beginning tells how it is written, untidy cells are rewritten, csv-parse finds the
 * records, and these become rows.
 */
export class CsvParser implements RecordParser {
  readonly #name: InputName;
  readonly #dialect: CsvDialect;
  readonly #maxRecordBytes: number;
  readonly #noted: Noted;
  readonly #head: CsvHead;
  #reading: Reading | undefined;
  #columns: readonly string[] | undefined;
  /** Where the rows of the write in progress go. */
  #rows: Row[] = [];

  constructor(name: InputName, dialect: CsvDialect, maxRecordBytes: number, noted: Noted) {
    this.#name = name;
    this.#dialect = dialect;
    this.#maxRecordBytes = maxRecordBytes;
    this.#noted = noted;
    this.#head = new CsvHead(dialect);
  }

  columns(): readonly string[] | undefined {
    return this.#columns;
  }

  layout(): CsvBeginning["layout"] | undefined {
    return this.#reading?.layout;
  }

  async write(bytes: Buffer, rows: Row[]): Promise<void> {
    this.#rows = rows;
    await this.#read(bytes.toString("utf8"), false);
  }

  async end(rows: Row[]): Promise<void> {
    this.#rows = rows;
    await this.#read("", true);
    await this.#reading?.records.end();
    if (this.#columns === undefined) throw emptyInput(this.#name);
  }

  async flush(rows: Row[]): Promise<void> {
    this.#rows = rows;
    await this.#read("", true);
    await this.#reading?.records.flush();
  }

  async #read(chunk: string, isEnd: boolean): Promise<void> {
    let text = chunk;
    if (this.#reading === undefined) {
      const beginning = this.#head.take(chunk, isEnd);
      if (beginning === undefined) return;
      this.#reading = this.#begin(beginning);
      ({ text } = beginning);
    }
    const { tidier, records } = this.#reading;
    const tidied = tidier.tidy(text, isEnd);
    if (tidied.text !== "") await records.write(tidied.text);
    if (tidied.fault !== undefined) {
      await records.flush();
      throw this.#cellError(tidied.fault);
    }
    records.requireShort(tidier.heldLength);
  }

  #begin({ layout, returnEndsLine, belowTitle, said }: CsvBeginning): Reading {
    const { quotes, escape, comment, strict } = this.#dialect;
    const { delimiter } = layout;
    const first = 1 + this.#dialect.skipLines;
    if (said !== undefined) {
      const problem = `the line ${JSON.stringify(said)} is none of the table; leave it out with the option skipLines, and name the delimiter`;
      this.#allow("DELIMITER_FOUND", { text: delimiter, line: first, problem, option: "skipLines" });
    } else if (belowTitle !== undefined) {
      const problem = `the lines below it are a table with ${JSON.stringify(belowTitle)} between cells, and it is not; if it is a title, leave it out with the option skipLines; if it is the header, name its delimiter`;
      throw invalidInput(this.#name, { line: first }, problem, { option: "skipLines" });
    } else if (delimiter !== (this.#dialect.delimiter ?? this.#dialect.usualDelimiter)) {
      const problem = `the cells seem to be separated by ${JSON.stringify(delimiter)}; set the option delimiter to it`;
      this.#allow("DELIMITER_FOUND", { text: delimiter, line: first, problem, option: "delimiter" });
    }
    return {
      layout,
      tidier: new CellTidier(
        { delimiter, quotes, escape, comment, returnEndsLine, strict },
        this.#noted.notes,
      ),
      records: new CsvRecords(
        this.#name,
        { delimiter, quotes, returnEndsLine, maxRecordBytes: this.#maxRecordBytes },
        (cells, line) => this.#takeRecord(cells, line),
      ),
    };
  }

  #takeRecord(cells: readonly string[], line: number): void {
    if (this.#columns === undefined) {
      this.#columns = nameColumns(cells, this.#dialect.duplicateHeaders, this.#name, line);
      return;
    }
    const columns = this.#columns;
    if (cells.length !== columns.length && !this.#fits(cells, columns, line)) return;
    const row: Row = {};
    for (const [index, column] of columns.entries()) setCell(row, column, cells[index] ?? "");
    this.#rows.push(row);
    this.#noted.lines.add(line);
  }

  /** Whether a record with more or fewer cells than the header is a row all the same. */
  #fits(cells: readonly string[], columns: readonly string[], line: number): boolean {
    const [first = ""] = cells;
    if (cells.length > columns.length) {
      const { problem, option } = longProblem(cells, columns.length, this.#reading?.layout.delimiter ?? "");
      if (cells.slice(columns.length).some((cell) => cell !== ""))
        throw invalidInput(this.#name, { line }, problem, { option });
      this.#allow("TRAILING_DELIMITER", { text: cells.join(","), line, problem });
      return true;
    }
    if (cells.length === 1 && /^[ \t]*$/.test(first)) {
      this.#allow("BLANK_LINE", { text: first, line, problem: "a line of nothing but blanks; remove it" });
      return false;
    }
    if (cells.length === 1 && first === "\u001A") {
      this.#allow("END_MARK", { text: first, line, problem: "a line of nothing but Ctrl-Z; remove it" });
      return false;
    }
    const problem = `${cellsFound(cells.length, columns.length)}; complete the row, or set the option ragged: "pad" to fill such rows with empty cells`;
    if (this.#dialect.ragged === "error")
      throw invalidInput(this.#name, { line }, problem, { option: "ragged" });
    this.#noted.notes.add("SHORT_ROW", cells.join(","), { line });
    return true;
  }

  /** Notes what is read in another way than it is written; refuses it where that is wished. */
  #allow(
    code: SourceNoteCode,
    at: { readonly text: string; readonly line: number; readonly problem: string; readonly option?: string },
  ): void {
    const { text, line, problem, option } = at;
    if (this.#dialect.strict) throw invalidInput(this.#name, { line }, problem, { option });
    this.#noted.notes.add(code, text, { line });
  }

  #cellError({ problem, option, line, cell }: CellFault): Error {
    const column = this.#columns?.[cell];
    const where = this.#columns === undefined ? "" : `column ${JSON.stringify(column ?? cell + 1)}: `;
    return invalidInput(
      this.#name,
      { line, ...(column === undefined ? {} : { column }) },
      `${where}${problem}`,
      {
        option,
      },
    );
  }
}

function cellsFound(actual: number, expected: number): string {
  return `expected ${counted(expected, "cell")}, got ${actual}`;
}

/** What is wrong with a record that has too many cells, and the option that may help. */
function longProblem(
  cells: readonly string[],
  expected: number,
  delimiter: string,
): { readonly problem: string; readonly option?: string } {
  const found = `${cellsFound(cells.length, expected)}; a cell that contains ${JSON.stringify(delimiter)} must be in quotes`;
  if (expected > 1) return { problem: found };
  if (cells.slice(1).every((cell) => /^(?: |$)/.test(cell))) {
    const other = OTHER_DELIMITERS.find((each) => !cells.some((cell) => cell.includes(each))) ?? "\t";
    return {
      problem: `${found}; if each line is one text, set the option delimiter to what is in none, such as ${JSON.stringify(other)}`,
      option: "delimiter",
    };
  }
  // A title above the table is taken for a header of one column.
  return {
    problem: `${found}; lines above the header are left out by the option skipLines`,
    option: "skipLines",
  };
}
