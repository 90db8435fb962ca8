import { aBoolean, aText, oneOf, type OptionChecks } from "@parallel-parrot/core";
import type { Input } from "../source/read-input.ts";
import { checkSource, SOURCE_OPTIONS } from "../source/check-source.ts";
import { CsvParser, type CsvDialect } from "./csv-parser.ts";
import { requireDelimiter } from "./require-delimiter.ts";
import type { RowSource, SourceOptions } from "../source/row-source.ts";
import { textSource } from "../source/text-source.ts";

/** Options of {@linkcode csvSource} and {@linkcode tsvSource}. */
export interface CsvSourceOptions extends SourceOptions {
  /** One character between cells. @default "," for CSV, a tab for TSV */
  readonly delimiter?: string;
  /** `false` takes quotes as ordinary characters. @default true */
  readonly quotes?: boolean;
  /**
   * What to do with a row that has fewer cells than the header: stop, or fill it with empty cells. A row with
   * more cells is always an error. @default "error"
   */
  readonly ragged?: "error" | "pad";
  /** What to do with a header name that comes again: call it `name_2`, or stop. @default "rename" */
  readonly duplicateHeaders?: "rename" | "error";
}

/** What the options of {@linkcode csvSource} may be; `requireDelimiter` looks closer at the delimiter. */
export const CSV_SOURCE_OPTIONS: OptionChecks<CsvSourceOptions> = {
  ...SOURCE_OPTIONS,
  delimiter: aText,
  quotes: aBoolean,
  ragged: oneOf("error", "pad"),
  duplicateHeaders: oneOf("rename", "error"),
};

/**
 * Rows from CSV with a header line (RFC 4180; line ends `\n`, `\r\n` or `\r`; blank lines are skipped). Every
 * cell is a string. A column without a name is called `column_3` by its place.
 */
export function csvSource(input: Input, options: CsvSourceOptions = {}): RowSource<Record<string, string>> {
  checkSource("csvSource", input, options, CSV_SOURCE_OPTIONS);
  const dialect: CsvDialect = {
    delimiter: options.delimiter ?? ",",
    quotes: options.quotes ?? true,
    ragged: options.ragged ?? "error",
    duplicateHeaders: options.duplicateHeaders ?? "rename",
  };
  requireDelimiter(dialect.delimiter);
  const rows = textSource(
    input,
    options,
    (name, maxBytes, { lines }) => new CsvParser(name, dialect, maxBytes, lines),
  );
  // The parser makes text of every cell.
  return rows as RowSource<Record<string, string>>;
}

/** {@linkcode csvSource} with a tab between cells. */
export function tsvSource(input: Input, options: CsvSourceOptions = {}): RowSource<Record<string, string>> {
  checkSource("tsvSource", input, options, CSV_SOURCE_OPTIONS);
  return csvSource(input, { delimiter: "\t", ...options });
}
