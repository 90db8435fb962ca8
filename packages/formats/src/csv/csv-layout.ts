/** How the text of a table is written. Its sink takes the same options, and writes it in the same way. */
export interface CsvLayout {
  /** What separates cells. */
  readonly delimiter: string;
  /** What ends a line. */
  readonly recordDelimiter: "\n" | "\r\n";
  /** Whether it begins with a byte order mark, by which spreadsheets know Unicode. */
  readonly byteOrderMark: boolean;
}
