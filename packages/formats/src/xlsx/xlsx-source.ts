import { aFunction, expecting, oneOf, wholeNumber, type OptionChecks } from "@parallel-parrot/core";
import { aCompression } from "../compression.ts";
import { checkSource } from "../source/check-source.ts";
import { fileSource } from "../source/file-source.ts";
import { LineIndex } from "../source/line-index.ts";
import type { LongNumbersOption } from "../source/long-numbers.ts";
import type { Input } from "../source/read-input.ts";
import { MAX_RECORD_BYTES, type RowSource, type SourceOptions } from "../source/row-source.ts";
import { SourceNotes } from "../source/source-notes.ts";

/** Options of {@linkcode xlsxSource}. */
export interface XlsxSourceOptions
  extends Pick<SourceOptions, "compression" | "maxRecordBytes" | "onDigest">, LongNumbersOption {
  /** The sheet to read: its name, or its number, counted from 1. @default the first */
  readonly sheet?: string | number;
  /** Rows of the sheet above the header, such as a title. @default 0 */
  readonly skipLines?: number;
  /** What to do with a header name that comes again: call it `name_2`, or stop. @default "rename" */
  readonly duplicateHeaders?: "rename" | "error";
}

/** What the options of {@linkcode xlsxSource} may be. */
export const XLSX_SOURCE_OPTIONS: OptionChecks<XlsxSourceOptions> = {
  compression: aCompression,
  maxRecordBytes: wholeNumber(1),
  onDigest: aFunction,
  longNumbers: oneOf("bigint", "text"),
  sheet: expecting(
    "the name of a sheet, or its number, counted from 1",
    (value) =>
      (typeof value === "string" && value !== "") || (Number.isSafeInteger(value) && Number(value) > 0),
  ),
  skipLines: wholeNumber(0),
  duplicateHeaders: oneOf("rename", "error"),
};

/**
 * Rows of a sheet of Excel (.xlsx, .xlsm), read as they are unpacked, with the types of its columns. The first row with
 * cells is the header. Numbers, texts and booleans are what they are in JSON; dates and times are ISO 8601 text; a
 * formula is what it last came to. It must be a file, as a workbook begins at its end.
 */
export function xlsxSource(input: Input, options: XlsxSourceOptions = {}): RowSource {
  checkSource("xlsxSource", input, options, XLSX_SOURCE_OPTIONS);
  const { sheet, onDigest, compression } = options;
  const {
    duplicateHeaders = "rename",
    skipLines = 0,
    longNumbers = "bigint",
    maxRecordBytes = MAX_RECORD_BYTES,
  } = options;
  const [notes, lines] = [new SourceNotes(), new LineIndex()];
  const reading = { sheet, skipLines, duplicateHeaders, longNumbers, maxRecordBytes, onDigest, notes, lines };
  return fileSource(input, {
    format: "Excel",
    compression,
    notes,
    lineOf: (row) => lines.lineOf(row),
    async load(path, name) {
      const { XlsxReader } = await import("./read/xlsx-reader.ts");
      return new XlsxReader(path, name, reading);
    },
  });
}
