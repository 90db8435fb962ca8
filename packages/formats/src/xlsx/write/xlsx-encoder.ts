import { getCell, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import type { ColumnTypes } from "../../columns/column-type.ts";
import { newColumn, schemaTypes, type SchemaColumns } from "../../columns/schema-columns.ts";
import type { CellChanges } from "../../sink/cell-changes.ts";
import type { RowEncoder } from "../../sink/row-writer.ts";
import { UnwritableCell } from "../../sink/unwritable-row.ts";
import { columnName } from "../column-name.ts";
import { MAX_COLUMNS, MAX_ROWS } from "../sheet-limits.ts";
import { escapeText, textXml, toXml, type ToXml } from "./sheet-cells.ts";
import { SHEET_END, SHEET_HEAD, SHEET_PART, STYLES, workbookParts } from "./workbook-parts.ts";
import { ZipWriter, type PartMark, type PartWriter } from "./zip-writer.ts";

/** So much XML is compressed at once. */
const PIECE_LENGTH: number = 256 * 1024;

const NOTHING = new Uint8Array();

/** What a sheet has besides its rows. */
export interface XlsxDialect extends SchemaColumns {
  readonly sheet: string;
}

interface Column {
  readonly name: string;
  /** What its cells begin with, up to the number of their row. */
  readonly start: string;
  readonly toXml: ToXml;
}

/** The end of a piece, for a file that ends there. */
interface Mark extends PartMark {
  readonly rows: number;
}

/** Writes rows as a workbook of Excel with one sheet. Rows go out in pieces of 256 KiB of XML. */
export class XlsxEncoder implements RowEncoder {
  readonly #dialect: XlsxDialect;
  readonly #changes: CellChanges;
  readonly #zip = new ZipWriter();
  #part: PartWriter | undefined;
  #columns: readonly Column[] = [];
  #known: ReadonlySet<string> = new Set();
  /** What is not in a piece yet. */
  #xml = "";
  #rows = 0;
  readonly #marks: Mark[] = [];

  /** @throws ParrotError `INVALID_OPTION` where there are more columns than a sheet has */
  constructor(dialect: XlsxDialect, changes: CellChanges) {
    this.#dialect = dialect;
    this.#changes = changes;
    const types = schemaTypes(dialect, []);
    if (types.size > 0) this.#begin(types);
  }

  encode(row: Row, index: number): Uint8Array {
    if (this.#columns.length === 0) this.#begin(schemaTypes(this.#dialect, Object.keys(row)));
    for (const column of Object.keys(row))
      if (!this.#known.has(column)) throw newColumn("Excel", column, index);
    const line = this.#rows + 2;
    if (line > MAX_ROWS) throw tooManyRows(index);
    let cells = "";
    let long = 0;
    for (const column of this.#columns) cells += cellOf(row, column, line, () => (long += 1));
    // Only now: where a cell throws, the row is not in the file.
    this.#changes.textNumbers += long;
    this.#xml += `<row r="${line}">${cells}</row>`;
    this.#rows += 1;
    return this.#xml.length >= PIECE_LENGTH ? this.rest() : NOTHING;
  }

  rest(): Uint8Array {
    if (this.#part === undefined || this.#xml === "") return NOTHING;
    const [part, isFirst] = [this.#part, this.#marks.length === 0];
    const bytes = part.add(Buffer.from(this.#xml));
    this.#xml = "";
    this.#marks.push({ ...part.mark, rows: this.#rows });
    return isFirst ? Buffer.concat([part.head, bytes]) : bytes;
  }

  end(count: number): Uint8Array {
    if (this.#part === undefined) this.#begin(new Map());
    // Without rows, the header is in no piece yet.
    const head = this.rest();
    const mark = this.#marks.findLast(({ rows }) => rows <= count);
    const part = this.#part;
    if (part === undefined || mark === undefined) return NOTHING;
    part.rewind(mark);
    const closing = [part.add(Buffer.from(SHEET_END)), part.end()];
    const parts = workbookParts(escapeText(this.#dialect.sheet)).map(([name, content]) =>
      this.#zip.part(name, content),
    );
    return Buffer.concat([head, ...closing, ...parts, this.#zip.end()]);
  }

  #begin(types: ColumnTypes): void {
    if (types.size > MAX_COLUMNS)
      throw new ParrotError(
        "INVALID_OPTION",
        `Cannot write ${types.size} columns as Excel: a sheet has at most ${MAX_COLUMNS}; write jsonl or csv`,
        { option: "columns" },
      );
    this.#columns = [...types].map(([name, type], place) => ({
      name,
      start: `<c r="${columnName(place)}`,
      toXml: toXml(type),
    }));
    this.#known = new Set(types.keys());
    this.#part = this.#zip.begin(SHEET_PART);
    this.#xml = `${SHEET_HEAD}<row r="1">${this.#columns.map(headerCell).join("")}</row>`;
  }
}

function cellOf(
  row: Row,
  { name, start, toXml: makeXml }: Column,
  line: number,
  onLongNumber: () => void,
): string {
  try {
    const xml = makeXml(getCell(row, name), onLongNumber);
    return xml === "" ? "" : `${start}${line}"${xml}</c>`;
  } catch (error) {
    throw new UnwritableCell(error, name, "Excel");
  }
}

function headerCell({ name, start }: Column): string {
  try {
    return `${start}1" s="${STYLES.header}"${textXml(name)}</c>`;
  } catch (error) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write the header of an Excel sheet: a column's name is too long`,
      {
        option: "columns",
        cause: error,
      },
    );
  }
}

function tooManyRows(row: number): ParrotError {
  return new ParrotError(
    "OUTPUT_UNWRITABLE",
    `Cannot write ${rowName(row)} as Excel: a sheet has at most ${MAX_ROWS} rows with its header; write csv, parquet or jsonl`,
    { row },
  );
}
