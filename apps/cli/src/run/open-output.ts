import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import type {
  ColumnTypes,
  CsvLayout,
  Format,
  OnUnwritable,
  PartsSink,
  RowSink,
} from "@parallel-parrot/formats";
import { outputLayoutOf, outputNamesOf } from "../files/formats-of.ts";
import { openPlaceSink } from "../files/open-place.ts";
import { outputPlaceOf } from "../files/output-place.ts";
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
): Promise<RowSink | PartsSink> {
  const { to: format, columns, types } = input;
  const { wanted } = options;
  const place = outputPlaceOf(options);
  const known = new Set(options.columns ?? columns);
  const added = wanted.columns.filter((column) => !known.has(column));
  const replacePartial =
    options.overwrite || history.hadOutput(place.path) || (await holdNothing(place.partials));
  return openPlaceSink(place, options, {
    sink: {
      overwrite,
      replacePartial,
      ...(types === undefined
        ? { columns: columns === undefined ? [] : [...known, ...added] }
        : { columnTypes: outputTypes(types, options) }),
      onUnwritable,
    },
    // Formulas are escaped before answers are joined with the cells of the input.
    format: {
      format,
      ...outputLayoutOf(format, options, input),
      ...outputNamesOf(options),
      escapeFormulas: false,
    },
    isFollowed: true,
    beforeNaming: (path, name) => written.note(name, path),
  });
}

/**
 * Whether what an output grows in is missing or empty, as a run leaves it that is killed before its first answer.
 *
 * @throws ParrotError `OUTPUT_EXISTS` where it holds finished rows, which were paid for
 */
async function holdNothing(partials: readonly string[]): Promise<boolean> {
  for (const path of partials) {
    if ((await sizeOf(path)) === 0) continue;
    throw new ParrotError(
      "OUTPUT_EXISTS",
      `${path} holds the finished rows of an earlier run; move it away, or replace it with --overwrite`,
      { file: path, option: "--overwrite" },
    );
  }
  return true;
}

/** The bytes of a file, or of the files in a folder; 0 where there is none. */
async function sizeOf(path: string): Promise<number> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() !== true) return status?.size ?? 0;
  const entries = await readdir(path);
  const sizes = await Promise.all(entries.map((entry) => sizeOf(join(path, entry))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
