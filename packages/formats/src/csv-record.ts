/** How cells become a record. */
export interface RecordDialect {
  /** One character. */
  readonly delimiter: string;
  readonly recordDelimiter: string;
}

const QUOTE = '"';

/** One record of RFC 4180. Only cells that need quotes have them, so the same cells are always the same text. */
export function csvRecord(cells: readonly string[], { delimiter, recordDelimiter }: RecordDialect): string {
  // A lone empty cell would be a blank line, which readers skip.
  if (cells.length <= 1 && (cells[0] ?? "") === "") return `""${recordDelimiter}`;
  let record = "";
  for (const [place, cell] of cells.entries()) {
    if (place > 0) record += delimiter;
    record += needsQuotes(cell, delimiter) ? QUOTE + cell.replaceAll(QUOTE, '""') + QUOTE : cell;
  }
  return record + recordDelimiter;
}

function needsQuotes(cell: string, delimiter: string): boolean {
  return (
    cell.includes(delimiter) ||
    cell.includes(QUOTE) ||
    cell.includes("\n") ||
    cell.includes("\r") ||
    // At the start of a file it would be taken for a byte order mark.
    cell.startsWith("\uFEFF")
  );
}
