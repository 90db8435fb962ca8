import { quoteAll, setCell, type Row } from "@parallel-parrot/core";
import { sizeOfCell } from "../../columns/cell-size.ts";
import type { ColumnTypes } from "../../columns/column-type.ts";
import type { InputDigest } from "../../source/input-digest.ts";
import { invalidInput, recordTooLong, type InputName } from "../../source/input-name.ts";
import type { LineIndex } from "../../source/line-index.ts";
import type { LongNumbers } from "../../source/long-numbers.ts";
import type { RowReader } from "../../source/row-source.ts";
import type { SourceNotes } from "../../source/source-notes.ts";
import { readCell, type CellContext } from "./cell-reader.ts";
import { SheetParser, type StoredRow } from "./sheet-parser.ts";
import { isEmpty, SheetSurveyor, type SheetSurvey } from "./sheet-survey.ts";
import type { SheetPart } from "./workbook.ts";
import { damaged, emptySheet, XlsxFile } from "./xlsx-file.ts";

/** About so many cells are handed on together: a row that has one in the sheet has one for each column here. */
const PACKET_CELLS: number = 2 ** 16;

/** How a sheet is read. */
export interface XlsxReaderOptions {
  /** Its name, or its number, counted from 1. @default the first */
  readonly sheet: string | number | undefined;
  /** The header comes after so many rows of the sheet. */
  readonly skipLines: number;
  readonly duplicateHeaders: "rename" | "error";
  readonly longNumbers: LongNumbers;
  readonly maxRecordBytes: number;
  readonly onDigest: ((digest: InputDigest) => void) | undefined;
  readonly notes: SourceNotes;
  readonly lines: LineIndex;
}

interface Opened {
  readonly file: XlsxFile;
  readonly sheet: SheetPart;
  readonly context: CellContext;
  readonly survey: SheetSurvey;
}

/**
 * Reads the rows of a sheet as they are unpacked. The sheet is read once beforehand, as only its last row can tell
 * which columns have cells and what lies in them.
 */
export class XlsxReader implements RowReader {
  readonly #path: string;
  readonly #name: InputName;
  readonly #options: XlsxReaderOptions;
  #opening: Promise<Opened> | undefined;
  #rows: AsyncGenerator<readonly StoredRow[], void, undefined> | undefined;
  /** The line of the row that was read last. */
  #lastLine = 0;
  #ended = false;

  constructor(path: string, name: InputName, options: XlsxReaderOptions) {
    this.#path = path;
    this.#name = name;
    this.#options = options;
  }

  async columns(): Promise<readonly string[]> {
    return [...(await this.#open()).survey.columns.values()];
  }

  async columnTypes(): Promise<ColumnTypes> {
    return (await this.#open()).survey.types;
  }

  async read(): Promise<readonly Row[]> {
    if (this.#ended) return [];
    const opened = await this.#open();
    try {
      const rows = await this.#readSome(opened);
      if (rows.length === 0) await this.#finish(opened);
      return rows;
    } catch (error) {
      // A file that is written to while it is read looks damaged.
      const changed: unknown = await opened.file.requireUnchanged().catch((cause: unknown) => cause);
      await this.cancel();
      throw changed ?? damaged(this.#name, error, opened.sheet.name);
    }
  }

  async cancel(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // Waits for an opening in progress, or its descriptor would stay.
    const opened = await this.#opening?.catch(() => undefined);
    await this.#rows?.return();
    await opened?.file.close();
  }

  async #finish({ file }: Opened): Promise<void> {
    const { onDigest } = this.#options;
    const digest = onDigest === undefined ? undefined : await file.digest();
    await file.requireUnchanged();
    // A cancel also ends the reading, and not at the end of the input.
    if (digest !== undefined && !this.#ended) onDigest?.(digest);
    await this.cancel();
  }

  async #readSome(opened: Opened): Promise<readonly Row[]> {
    const { file, sheet, survey } = opened;
    this.#rows ??= inPackets(
      file.rows(sheet, new SheetParser(this.#options.maxRecordBytes)),
      Math.ceil(PACKET_CELLS / survey.columns.size),
    );
    for (;;) {
      const next = await this.#rows.next();
      if (next.done === true) return [];
      const rows = next.value.map((stored) => this.#rowOf(stored, opened)).filter((row) => row !== undefined);
      if (rows.length > 0) return rows;
    }
  }

  /** The row that a row of the sheet is; `undefined` for the header, what stands before it, and an empty row. */
  #rowOf({ line, cells }: StoredRow, { context, survey }: Opened): Row | undefined {
    if (line <= survey.headerLine) return undefined;
    const { notes, lines, maxRecordBytes } = this.#options;
    const row: Row = {};
    let bytes = 0;
    for (const column of survey.columns.values()) setCell(row, column, null);
    let isBlank = true;
    for (const stored of cells) {
      const { cell } = readCell(stored, line, context, (code, text) => notes.add(code, text));
      const column = survey.columns.get(stored.column);
      if (column === undefined) continue;
      if (!isEmpty(cell)) isBlank = false;
      // Any number of cells can share one long text.
      bytes += sizeOfCell(cell);
      if (bytes > maxRecordBytes) throw recordTooLong(this.#name, { line }, maxRecordBytes);
      setCell(row, column, cell);
    }
    if (isBlank) return undefined;
    const empty = line - this.#lastLine - 1;
    if (empty > 0 && this.#lastLine > survey.headerLine)
      notes.add("EMPTY_ROW", String(this.#lastLine + 1), { count: empty });
    this.#lastLine = line;
    lines.add(line);
    return row;
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#openSheet();
    return this.#opening;
  }

  async #openSheet(): Promise<Opened> {
    const file = await XlsxFile.open(this.#path, this.#name);
    let sheet: SheetPart | undefined;
    try {
      sheet = this.#findSheet(file);
      const { maxRecordBytes, longNumbers } = this.#options;
      const sharedTexts = await file.sharedTexts(maxRecordBytes);
      const context: CellContext = { workbook: file.workbook, sharedTexts, longNumbers };
      const survey = await this.#survey(file, sheet, context);
      return { file, sheet, context, survey };
    } catch (error) {
      await file.close();
      throw damaged(this.#name, error, sheet?.name);
    }
  }

  #findSheet({ workbook: { sheets } }: XlsxFile): SheetPart {
    const { sheet: asked = 1 } = this.#options;
    const found =
      sheets.find(({ name }) => name === asked) ?? sheets.find((_, index) => index + 1 === Number(asked));
    if (found !== undefined) return found;
    const names = quoteAll(sheets.map(({ name }) => name));
    throw invalidInput(
      this.#name,
      {},
      sheets.length === 0
        ? "it has no sheet with cells"
        : `it has no sheet "${asked}"; its sheets are ${names}`,
      { option: "sheet" },
    );
  }

  async #survey(file: XlsxFile, sheet: SheetPart, context: CellContext): Promise<SheetSurvey> {
    const { maxRecordBytes, skipLines, duplicateHeaders, notes } = this.#options;
    const parser = new SheetParser(maxRecordBytes);
    const surveyor = new SheetSurveyor(context);
    for await (const rows of file.rows(sheet, parser))
      for (const row of rows) if (row.line > skipLines) surveyor.add(row);
    const survey = surveyor.result(this.#name, duplicateHeaders);
    const others = await file.withRows(
      file.workbook.sheets.filter(({ part }) => part !== sheet.part),
      maxRecordBytes,
    );
    if (survey === undefined) throw emptySheet(this.#name, sheet.name, others);
    const [other] = others;
    if (other !== undefined && this.#options.sheet === undefined)
      notes.add("OTHER_SHEET", other, { count: others.length });
    const { count, first } = parser.merged;
    if (first !== undefined) notes.add("MERGED_CELLS", first, { count });
    return survey;
  }
}

/** Rows as they come, of which no more than `most` are handed on together. */
async function* inPackets(
  pieces: AsyncIterable<readonly StoredRow[]>,
  most: number,
): AsyncGenerator<readonly StoredRow[], void, undefined> {
  for await (const rows of pieces)
    for (let at = 0; at < rows.length; at += most) yield rows.slice(at, at + most);
}
