import { cellText, getCell, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import { stringify } from "csv-stringify/sync";
import { countNulled, type CellChanges } from "../sink/cell-changes.ts";
import { escapeFormula } from "./escape-formula.ts";
import { padRecords, type Width } from "./pad-records.ts";
import type { RowEncoder } from "../sink/row-writer.ts";
import { UnwritableCell } from "../sink/unwritable-row.ts";

/** At most so many columns that the first row does not have: each adds a cell to every row before it. */
const MAX_NEW_COLUMNS = 10_000;

/** How rows are to be written as CSV. */
export interface CsvOutputDialect {
  readonly columns: readonly string[];
  readonly delimiter: string;
  readonly recordDelimiter: string;
  readonly byteOrderMark: boolean;
  readonly escapeFormulas: boolean | readonly string[] | ((column: string) => boolean);
}

/** Writes rows as CSV and counts what it changes. Where it is `revisable`, a later row may bring new columns. */
export function csvEncoder(dialect: CsvOutputDialect, revisable: boolean, changes: CellChanges): RowEncoder {
  const { delimiter, recordDelimiter } = dialect;
  const isEscaped = columnTest(dialect.escapeFormulas);
  /** The columns in order, each with whether its formulas are escaped. */
  const columns = new Map(dialect.columns.map((column) => [column, isEscaped(column)]));
  /** The number of columns from a row on; one entry for the first row and one for each that brought columns. */
  const widths: Width[] = [];

  function addColumns(row: Row, index: number): void {
    for (const column of Object.keys(row)) {
      if (columns.has(column)) continue;
      if (index > 0 && !revisable) throw newColumn(column, index);
      if (index > 0 && columns.size - columnsOfFirstRow() >= MAX_NEW_COLUMNS)
        throw tooManyColumns(column, index);
      columns.set(column, isEscaped(column));
    }
  }

  function columnsOfFirstRow(): number {
    return widths[0]?.columns ?? 0;
  }

  /** Forgets the columns of a row that turned out not to be writable. */
  function keepColumns(count: number): void {
    for (const column of [...columns.keys()].slice(count)) columns.delete(column);
  }

  function encodeCells(cells: readonly string[], quoted: readonly RegExp[] = []): string {
    return stringify([cells.length === 0 ? [""] : cells], {
      delimiter,
      record_delimiter: recordDelimiter,
      quote_record_delimiter: true,
      // A lone empty cell would be a blank line, which readers skip.
      quoted_empty: cells.length <= 1,
      // At the start of a file it would be taken for a byte order mark.
      quoted_match: [/^\uFEFF/, ...quoted],
    });
  }

  function header(): string {
    // The name of a single column may look like the names of several, or like a blank line.
    const quoted = columns.size === 1 ? [/[,;\t|]/, /^ +$/] : [];
    return (dialect.byteOrderMark ? "\uFEFF" : "") + encodeCells([...columns.keys()], quoted);
  }

  function escape(text: string): string {
    const escaped = escapeFormula(text);
    if (escaped !== text) changes.escapedFormulas += 1;
    return escaped;
  }

  function encodeRow(row: Row): string {
    const cells: string[] = [];
    for (const [column, escaped] of columns) {
      const cell = getCell(row, column);
      const text = textOf(cell, column);
      if (typeof cell === "object" && (text === "" || text.includes("null"))) {
        changes.nulledValues += countNulled(cell);
      }
      cells.push(escaped && mayBeFormula(cell) ? escape(text) : text);
    }
    return encodeCells(cells);
  }

  return {
    encode(row, index) {
      const known = columns.size;
      try {
        addColumns(row, index);
        const text = encodeRow(row);
        if (columns.size !== widths.at(-1)?.columns) widths.push({ row: index, columns: columns.size });
        return index === 0 ? header() + text : text;
      } catch (error) {
        keepColumns(known);
        throw error;
      }
    },
    end: (count) => (count === 0 && columns.size > 0 ? header() : ""),
    revision() {
      if (widths.length <= 1) return undefined;
      return (chunks) => padRecords(chunks, { header: header(), widths, delimiter, recordDelimiter });
    },
  };
}

/**
 * A number is not a formula. Of the objects, only those that are written as a text may be one; others begin with a
 * bracket.
 */
function mayBeFormula(cell: unknown): boolean {
  return typeof cell === "string" || typeof cell === "object";
}

function columnTest(columns: CsvOutputDialect["escapeFormulas"]): (column: string) => boolean {
  if (typeof columns === "function") return columns;
  if (typeof columns === "boolean") return () => columns;
  return (column) => columns.includes(column);
}

function newColumn(column: string, row: number): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${rowName(row)}: its column "${column}" is not in the header, which is already written; ` +
      `name all columns in the option columns, or write to a file`,
    { row, column, option: "columns" },
  );
}

function textOf(cell: unknown, column: string): string {
  try {
    return cellText(cell) ?? "";
  } catch (error) {
    throw new UnwritableCell(error, column);
  }
}

function tooManyColumns(column: string, row: number): ParrotError {
  return new ParrotError(
    "INVALID_INPUT",
    `Cannot write ${rowName(row)} as CSV: with its column "${column.slice(0, 100)}" there are more than ${MAX_NEW_COLUMNS} columns that the first row does not have; write rows whose columns differ so much as jsonl`,
    { row, column },
  );
}
