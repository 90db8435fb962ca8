import { stat } from "node:fs/promises";
import { anything, aText, type OptionChecks } from "@parallel-parrot/core";
import { CSV_SOURCE_OPTIONS, type CsvSourceOptions } from "./csv/csv-source.ts";
import { chooseFormat } from "./format-of.ts";
import { FORMATS, type Format } from "./formats.ts";
import { JSON_SOURCE_OPTIONS, type JsonSourceOptions } from "./json/json-source.ts";
import { checkSources } from "./source/check-source.ts";
import { joinedSource, type SourcePart } from "./source/joined-source.ts";
import { nameInput, type Input } from "./source/read-input.ts";
import { isAddress } from "./source/remote/remote-address.ts";
import type { RowSource } from "./source/row-source.ts";
import { SQLITE_SOURCE_OPTIONS, type SqliteSourceOptions } from "./sqlite/sqlite-source.ts";
import { XLSX_SOURCE_OPTIONS, type XlsxSourceOptions } from "./xlsx/xlsx-source.ts";

/** Options of {@linkcode openSource}; those of one format do nothing for another. */
export interface OpenSourceOptions
  extends CsvSourceOptions, JsonSourceOptions, XlsxSourceOptions, SqliteSourceOptions {
  /** @default by the path's extension; a standard stream or stream needs it */
  readonly format?: Format;
  /** A column for the name of the input that each row is from; it comes last. @default none */
  readonly sourceColumn?: string;
}

const OPEN_SOURCE_OPTIONS: OptionChecks<OpenSourceOptions> = {
  ...CSV_SOURCE_OPTIONS,
  ...JSON_SOURCE_OPTIONS,
  ...XLSX_SOURCE_OPTIONS,
  ...SQLITE_SOURCE_OPTIONS,
  // `chooseFormat` has a message of its own for an unknown format.
  format: anything,
  sourceColumn: aText,
};

/**
 * The source that an input's file name extension, or the option `format`, asks for. Of several inputs, the rows come
 * one input after the other, each read by its own extension; its columns are those of all inputs, by name.
 */
export function openSource(input: Input | readonly Input[], options: OpenSourceOptions = {}): RowSource {
  const inputs = checkSources("openSource", input, options, OPEN_SOURCE_OPTIONS);
  const { sourceColumn, onDigest, ...others } = options;
  const [only, ...more] = inputs;
  if (only !== undefined && more.length === 0 && sourceColumn === undefined) return openOne(only, options);
  return joinedSource(
    inputs.map((each) => partOf(each, others)),
    { sourceColumn, onDigest },
  );
}

function openOne(input: Input, options: OpenSourceOptions): RowSource {
  return FORMATS[chooseFormat(options.format, nameInput(input).position.file)].source(input, options);
}

function partOf(input: Input, options: OpenSourceOptions): SourcePart {
  const { label, position } = nameInput(input);
  // An unknown extension is told at once.
  const format = chooseFormat(options.format, position.file);
  return {
    label,
    file: position.file,
    open: (more) => FORMATS[format].source(input, { ...options, ...more }),
    canBeReadAgain: async () =>
      position.file !== undefined &&
      (isAddress(position.file) || (await stat(position.file).catch(() => undefined))?.isFile() === true),
  };
}
