import { isObject } from "@parallel-parrot/core";
import { Parser, type CsvError } from "csv-parse";
import { countLineEnds } from "../source/count-lines.ts";
import { invalidInput, recordTooLong, type InputName } from "../source/input-name.ts";
import { codeOf } from "../system-error.ts";

/** At most so many cells in a record: a line of nothing but commas would take far more memory than its text. */
const MAX_CELLS = 100_000;

/** Text comes in pieces of about so many bytes at most. */
const CHUNK_BYTES = 64 * 1024;

/** How records and their cells are separated. */
interface RecordDialect {
  readonly delimiter: string;
  readonly quotes: boolean;
  /** Whether a carriage return by itself ends a record. */
  readonly returnEndsLine: boolean;
  readonly maxRecordBytes: number;
}

/** Splits tidy CSV text into records with csv-parse, within bounds of memory, and tells on which line each begins. */
export class CsvRecords {
  readonly #name: InputName;
  readonly #dialect: RecordDialect;
  readonly #take: (cells: readonly string[], line: number) => void;
  readonly #parser: Parser;
  /** Line of the next record, blank lines not counted. csv-parse counts a CRLF inside a cell twice. */
  #nextLine = 1;
  #blankLines = 0;
  /** About how many bytes came since the last record or blank line ended: csv-parse does not count delimiters and quotes. */
  #pendingBytes = 0;
  #records = 0;

  constructor(
    name: InputName,
    dialect: RecordDialect,
    take: (cells: readonly string[], line: number) => void,
  ) {
    this.#name = name;
    this.#dialect = dialect;
    this.#take = take;
    this.#parser = new Parser({
      delimiter: dialect.delimiter,
      quote: dialect.quotes ? '"' : false,
      record_delimiter: dialect.returnEndsLine ? ["\r\n", "\n", "\r"] : ["\r\n", "\n"],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: dialect.maxRecordBytes,
      // Records are taken here, not from the readable side, where an error would discard those before it.
      on_record: (cells: readonly string[], { empty_lines: blankLines }) => {
        this.#takeRecord(cells, blankLines);
        return null;
      },
    });
    // Errors arrive by the callbacks; without a listener their event would end the process as well.
    this.#parser.on("error", () => undefined);
  }

  /** The line on which the next record begins. */
  get line(): number {
    return this.#lineAfter(this.#parser.info.empty_lines);
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const ended = this.#records + this.#parser.info.empty_lines;
    await this.#feed((done) => this.#parser.write(bytes, done));
    const hasEnded = this.#records + this.#parser.info.empty_lines > ended;
    this.#pendingBytes = (hasEnded ? 0 : this.#pendingBytes) + bytes.length;
    this.requireShort(0);
    this.#requireFew(cellsSoFar(this.#parser), this.line);
  }

  /** Throws if the record that has begun is too long with some more bytes. */
  requireShort(moreBytes: number): void {
    const { maxRecordBytes } = this.#dialect;
    if (this.#pendingBytes + moreBytes > maxRecordBytes + CHUNK_BYTES)
      throw recordTooLong(this.#name, { line: this.line }, maxRecordBytes);
  }

  /**
   * Gives out the records that are whole, before an error ends everything: csv-parse waits for a few characters more
   * than a record has.
   */
  async flush(): Promise<void> {
    await this.#feed((done) => this.#parser.write("    ", done));
  }

  async end(): Promise<void> {
    await this.#feed((done) => this.#parser.end(done));
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
    for (const cell of cells) this.#nextLine += countLineEnds(cell);
    this.#take(cells, line);
  }

  #requireFew(cells: number, line: number): void {
    if (cells <= MAX_CELLS) return;
    const problem = `the row has more than ${MAX_CELLS} cells; is ${JSON.stringify(this.#dialect.delimiter)} the right delimiter?`;
    throw invalidInput(this.#name, { line }, problem);
  }

  #lineAfter(blankLines: number): number {
    return this.#nextLine + blankLines - this.#blankLines;
  }

  #inputError(error: CsvError): Error {
    const line = this.#lineAfter(Number(error["empty_lines"]));
    if (error.code === "CSV_MAX_RECORD_SIZE")
      return recordTooLong(this.#name, { line }, this.#dialect.maxRecordBytes);
    return invalidInput(
      this.#name,
      { line },
      "a quote in the row that starts here is never closed; close it, or set the option quotes: false to read quotes as ordinary characters",
      { cause: error, option: "quotes" },
    );
  }
}

/** The cells of the record that csv-parse is in the middle of, which its types do not show. */
function cellsSoFar(parser: Parser): number {
  const state: unknown = Reflect.get(parser, "state");
  const record: unknown = isObject(state) ? Reflect.get(state, "record") : [];
  return Array.isArray(record) ? record.length : 0;
}

function isCsvError(error: Error): error is CsvError {
  return /^(?:CSV_|INVALID_OPENING_QUOTE)/.test(String(codeOf(error)));
}
