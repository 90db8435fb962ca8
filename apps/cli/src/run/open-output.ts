import { stat } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import {
  openSink,
  type ColumnTypes,
  type CsvLayout,
  type Format,
  type OnUnwritable,
  type RowSink,
} from "@parallel-parrot/formats";
import { outputLayoutOf, partialName } from "../files/formats-of.ts";
import { outputTypes } from "./output-types.ts";
import type { History } from "../job/history.ts";
import type { WrittenFiles } from "./written-files.ts";
import type { RunOptions } from "../job/run-options.ts";

/** What is known of the rows beforehand. */
interface OutputRows {
  readonly to: Format;
  /** The format of the input, and how its text is written. */
  readonly format: Format | undefined;
  readonly layout: CsvLayout | undefined;
  /** The columns of the input. */
  readonly columns: readonly string[] | undefined;
  /** Their types, for a format that has types. */
  readonly types: ColumnTypes | undefined;
}

/** What is known of the files that are there. */
interface OutputFiles {
  /** Whether an existing file at the output's name may be replaced. */
  readonly overwrite: boolean;
  readonly history: History;
  readonly written: WrittenFiles;
  /** Is told of a row that the format cannot hold. */
  readonly onUnwritable: OnUnwritable;
}

/**
 * Opens the output. It grows in an unfinished file beside its name, and gets the name in the end. An unfinished file of
 * an earlier run is replaced where the journal has its answers.
 */
export async function openOutput(
  input: OutputRows,
  options: RunOptions,
  { overwrite, history, written, onUnwritable }: OutputFiles,
): Promise<RowSink> {
  const { to: format, columns, types } = input;
  const { outputPath, wanted } = options;
  const known = new Set(options.columns ?? columns);
  const added = wanted.columns.filter((column) => !known.has(column));
  const replacePartial =
    options.overwrite ||
    history.hadOutput(outputPath) ||
    (outputPath !== "-" && (await holdsNothing(partialName(outputPath))));
  return openSink(outputPath, {
    format,
    overwrite,
    ...outputLayoutOf(format, options, input),
    ...(types === undefined
      ? { columns: columns === undefined ? [] : [...known, ...added] }
      : { columnTypes: outputTypes(types, options) }),
    // Formulas are escaped before answers are joined with the cells of the input.
    escapeFormulas: false,
    ...(outputPath === "-" ? {} : { partial: partialName(outputPath), replacePartial }),
    beforeNaming: (path) => written.note(outputPath, path),
    onUnwritable,
  });
}

/**
 * Whether a file is missing or empty, as a run leaves it that is killed before its first answer.
 *
 * @throws ParrotError `OUTPUT_EXISTS` where it holds finished rows, which were paid for
 */
async function holdsNothing(path: string): Promise<boolean> {
  const { size } = (await stat(path).catch(() => undefined)) ?? { size: 0 };
  if (size === 0) return true;
  throw new ParrotError(
    "OUTPUT_EXISTS",
    `${path} holds the finished rows of an earlier run; move it away, or replace it with --overwrite`,
    { file: path, option: "--overwrite" },
  );
}
