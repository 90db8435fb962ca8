import { aBoolean, aText, oneOf, wholeNumber, type OptionChecks } from "@parallel-parrot/core";
import type { Input } from "../source/read-input.ts";
import { checkSource, SOURCE_OPTIONS } from "../source/check-source.ts";
import { dialectOf, type CsvDialectOptions } from "./csv-dialect.ts";
import { CsvParser } from "./csv-parser.ts";
import type { RowSource, SourceOptions } from "../source/row-source.ts";
import { textSource } from "../source/text-source.ts";

/** Options of {@linkcode csvSource} and {@linkcode tsvSource}. */
export interface CsvSourceOptions extends SourceOptions, CsvDialectOptions {}

/** What the options of {@linkcode csvSource} may be; `dialectOf` looks closer at the characters. */
export const CSV_SOURCE_OPTIONS: OptionChecks<CsvSourceOptions> = {
  ...SOURCE_OPTIONS,
  delimiter: aText,
  quotes: aBoolean,
  escape: aText,
  comment: aText,
  skipLines: wholeNumber(0),
  strict: aBoolean,
  ragged: oneOf("error", "pad"),
  duplicateHeaders: oneOf("rename", "error"),
};

/**
 * Rows from CSV with a header line (RFC 4180; line ends `\n`, `\r\n` or `\r`; blank lines are skipped). Every
 * cell is a string. A column without a name is called `column_3` by its place. What is untidy and has one reading is
 * read so, and counted in `notes`.
 */
export function csvSource(input: Input, options: CsvSourceOptions = {}): RowSource<Record<string, string>> {
  checkSource("csvSource", input, options, CSV_SOURCE_OPTIONS);
  return textTable(input, options, ",");
}

/** {@linkcode csvSource} with a tab between cells. */
export function tsvSource(input: Input, options: CsvSourceOptions = {}): RowSource<Record<string, string>> {
  checkSource("tsvSource", input, options, CSV_SOURCE_OPTIONS);
  return textTable(input, options, "\t");
}

function textTable(
  input: Input,
  options: CsvSourceOptions,
  usualDelimiter: string,
): RowSource<Record<string, string>> {
  const dialect = dialectOf(options, usualDelimiter);
  const rows = textSource(
    input,
    options,
    (name, maxBytes, noted) => new CsvParser(name, dialect, maxBytes, noted),
  );
  // The parser makes text of every cell.
  return rows as RowSource<Record<string, string>>;
}
