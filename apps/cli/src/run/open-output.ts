import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import type { ColumnTypes, Format, OnUnwritable, PartsSink, RowSink } from "@parallel-parrot/formats";
import { outputLayoutOf, outputNamesOf } from "../output/formats-of.ts";
import { openPlaceSink, type RowsOut } from "../output/open-place.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { KnownRows } from "../input/own-rows.ts";
import type { Head } from "./read-head.ts";
import { outputTypes } from "./output-types.ts";
import type { History } from "../job/history.ts";
import type { WrittenFiles } from "./written-files.ts";
import type { RunOptions } from "../job/run-options.ts";
import { allSteps } from "../steps/all-steps.ts";
import { columnsOfSteps, typesOfSteps } from "../steps/step-columns.ts";

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
  head: Head,
  options: RunOptions,
  { overwrite, history, written, onUnwritable }: OutputFiles,
): Promise<RowSink | PartsSink> {
  const { place, source, to } = head;
  const replacePartial =
    options.overwrite || history.hadOutput(place.path) || (await holdNothing(place.partials));
  return openPlaceSink(place, options, {
    sink: { overwrite, replacePartial, onUnwritable },
    all: rowsOut(head, to, options),
    ofInput: async (input) => rowsOut(await head.ofInput(input), to, options),
    inputOf: ({ index }) => source.placeOf(index)?.input ?? 0,
    isFollowed: true,
    beforeNaming: (path, name) => written.note(name, path),
  });
}

/** How rows are written, with the answers to them. */
function rowsOut(rows: KnownRows, to: Format, whole: RunOptions): RowsOut {
  const columns = columnsOfSteps(rows.columns, whole).at(-1);
  const types = typesOfSteps(rows.types, whole).at(-1);
  const options = allSteps(whole).at(-1) ?? whole;
  const known = new Set(options.columns ?? columns);
  const added = options.wanted.columns.filter((column) => !known.has(column));
  const { comparison } = options;
  const all = columns === undefined ? [] : [...known, ...added];
  return {
    columns:
      types === undefined
        ? { columns: comparison?.columnsOf(all) ?? all }
        : { columnTypes: comparedTypes(outputTypes(types, options), comparison) },
    // Formulas are escaped before answers are joined with the cells of the input.
    format: {
      format: to,
      ...outputLayoutOf(to, options, rows),
      ...outputNamesOf(options),
      escapeFormulas: false,
    },
  };
}

function comparedTypes(types: ColumnTypes, comparison: Comparison | undefined): ColumnTypes {
  return comparison?.typesOf(types) ?? types;
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
