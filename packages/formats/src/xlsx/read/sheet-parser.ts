import { columnPlace, lineOf } from "../column-name.ts";
import { MAX_COLUMNS } from "../sheet-limits.ts";
import { unescapeText, XmlParser, type Attributes } from "./xml-parser.ts";

/** A cell as it is stored. */
export interface StoredCell {
  /** 0-based. */
  readonly column: number;
  /** What its value is: `s` for a shared text, `n` for a number. */
  readonly type: string;
  readonly style: number;
  readonly value: string | undefined;
  readonly isFormula: boolean;
}

/** A row that has cells. */
export interface StoredRow {
  /** As Excel counts it, from 1. */
  readonly line: number;
  readonly cells: readonly StoredCell[];
}

/** Finds the rows of a sheet in its XML, which comes in pieces. */
export class SheetParser {
  readonly #xml: XmlParser;
  readonly #maxRowBytes: number;
  #rows: StoredRow[] = [];
  #firstMerged: string | undefined;
  #mergedCount = 0;
  /** Bytes since a row ended. */
  #since = 0;
  #line = 0;
  /** Whether the row tells its number, which most writers do. */
  #isNumbered = false;
  #cells: StoredCell[] = [];
  #cell: OpenCell | undefined;
  #isTaken = false;
  #phonetic = 0;

  constructor(maxRowBytes: number) {
    this.#maxRowBytes = maxRowBytes;
    this.#xml = new XmlParser({
      open: (name, attributes) => this.#open(name, attributes),
      text: (text) => this.#text(text),
      close: (name) => this.#close(name),
    });
  }

  /** Takes a piece and gives the rows that end in it. */
  write(bytes: Uint8Array): readonly StoredRow[] {
    this.#since += bytes.length;
    this.#xml.write(bytes);
    if (this.#since > this.#maxRowBytes)
      throw new RangeError(
        `what follows row ${this.#line} has more than ${this.#maxRowBytes} bytes; if it is a row, raise the option maxRecordBytes`,
      );
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  end(): void {
    this.#xml.end();
  }

  /** The areas of merged cells, which are known at the end: their number, and the first. */
  get merged(): { readonly count: number; readonly first: string | undefined } {
    return { count: this.#mergedCount, first: this.#firstMerged };
  }

  #open(name: string, attributes: Attributes): void {
    switch (name) {
      case "row":
        this.#beginRow(attributes["r"]);
        break;
      case "c":
        this.#cell = this.#newCell(attributes);
        break;
      case "v":
        this.#take(() => true);
        break;
      case "t":
        this.#take(({ type }) => type === "inlineStr" && this.#phonetic === 0);
        break;
      case "f":
        if (this.#cell !== undefined) this.#cell.isFormula = true;
        break;
      case "rPh":
        this.#phonetic += 1;
        break;
      case "mergeCell":
        this.#mergedCount += 1;
        this.#firstMerged ??= attributes["ref"];
        break;
      default:
    }
  }

  /** Rows come in their order, and each once: what is told of another place would be told of the wrong row. */
  #beginRow(number: string | undefined): void {
    const line = number === undefined ? this.#line + 1 : Number(number);
    if (!Number.isSafeInteger(line) || line <= this.#line)
      throw new RangeError(
        `a row behind row ${this.#line} is said to be row "${number ?? line}"; open it in Excel and save it again`,
      );
    this.#line = line;
    this.#isNumbered = number !== undefined;
    this.#cells = [];
  }

  #newCell({ r: reference, t: type = "n", s: style = "0" }: Attributes): OpenCell {
    const column = reference === undefined ? (this.#cells.at(-1)?.column ?? -1) + 1 : columnPlace(reference);
    const isInRow = reference === undefined || !this.#isNumbered || lineOf(reference) === this.#line;
    if (column < 0 || column >= MAX_COLUMNS || !isInRow)
      throw new RangeError(`a cell of row ${this.#line} is said to be at "${reference ?? column}"`);
    return { column, type, style: Number(style), value: undefined, isFormula: false };
  }

  #take(isWanted: (cell: OpenCell) => boolean): void {
    const cell = this.#cell;
    if (cell === undefined || !isWanted(cell)) return;
    cell.value ??= "";
    this.#isTaken = true;
  }

  #text(text: string): void {
    if (this.#isTaken && this.#cell !== undefined) this.#cell.value = (this.#cell.value ?? "") + text;
  }

  #close(name: string): void {
    if (name === "v" || name === "t") this.#isTaken = false;
    else if (name === "rPh") this.#phonetic -= 1;
    else if (name === "c") {
      if (this.#cell !== undefined) this.#cells.push(this.#cell);
      this.#cell = undefined;
    } else if (name === "row") {
      this.#since = 0;
      if (this.#cells.length > 0) this.#rows.push({ line: this.#line, cells: this.#cells });
      this.#cells = [];
    }
  }
}

type OpenCell = { -readonly [K in keyof StoredCell]: StoredCell[K] };

/** The text of a stored value of text. */
export function storedText({ value = "" }: StoredCell): string {
  return unescapeText(value);
}
