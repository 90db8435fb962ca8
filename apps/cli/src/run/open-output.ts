import { stat } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import { openSink, type Format, type OnUnwritable, type RowSink } from "@parallel-parrot/formats";
import { delimiterOf, partialName } from "../files/formats-of.ts";
import type { History } from "../job/history.ts";
import type { WrittenFiles } from "./written-files.ts";
import type { RunOptions } from "../job/run-options.ts";

/** What is known of the files that are there. */
interface OutputFiles {
  /** Whether one of the output's name may be replaced. */
  readonly overwrite: boolean;
  readonly history: History;
  readonly written: WrittenFiles;
  /** Is told of a row that the format cannot hold. */
  readonly onUnwritable: OnUnwritable;
}

/**
 * Opens the output: it grows under a name of its own beside the one it gets in the end. What an earlier run left
 * there is replaced where it can be written again.
 */
export async function openOutput(
  format: Format,
  columns: readonly string[] | undefined,
  options: RunOptions,
  { overwrite, history, written, onUnwritable }: OutputFiles,
): Promise<RowSink> {
  const { outputPath, wanted } = options;
  const known = new Set(columns);
  const added = wanted.columns.filter((column) => !known.has(column));
  const replacePartial =
    options.overwrite ||
    history.hadOutput(outputPath) ||
    (outputPath !== "-" && (await holdsNothing(partialName(outputPath))));
  return openSink(outputPath, {
    format,
    overwrite,
    ...(format === "csv" ? delimiterOf(options) : {}),
    columns: columns === undefined ? [] : [...columns, ...added],
    // That is done where answers are still apart from the cells of the input.
    escapeFormulas: false,
    ...(outputPath === "-" ? {} : { partial: partialName(outputPath), replacePartial }),
    beforeNaming: (path) => written.note(outputPath, path),
    onUnwritable,
  });
}

/**
 * Whether nothing is lost with a file, which may not be there: a run that is killed before its first answer
 * leaves an empty one. The finished rows of an earlier run were paid for.
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
