import { counted, shellWord } from "@parallel-parrot/core";
import { longOf, type JobFlag } from "../flags/flag.ts";
import { groupSize } from "../compare/compared-models.ts";
import { COMPARE_FLAGS } from "../flags/groups/compare-flags.ts";
import type { SelectionOptions } from "../flags/options.ts";
import { SELECTION_FLAGS } from "../flags/groups/selection-flags.ts";
import { formatCount } from "../terminal/format-count.ts";
import { leavesOut } from "./selection.ts";

/** How many rows were read, and how many of them are asked. */
export interface SelectedCounts {
  readonly read: number;
  readonly asked: number;
  /** Rows in which the condition compares what cannot be compared. */
  readonly incomparable: number;
}

const { cross, repeat, columns: _, when: _when, ...LEAVING_OUT } = SELECTION_FLAGS;
const MAKING = { cross, repeat };
const { compare } = COMPARE_FLAGS;

/**
 * Lines that tell which rows are asked; none where all rows of the input are.
 *
 * @param isWhole whether the input was read to its end, so that its rows are known
 */
export function describeSelection(
  counts: SelectedCounts,
  options: SelectionOptions,
  isWhole: boolean,
): readonly string[] {
  // What is asked of several models is told as rows of the input, where it is asked of all of them.
  const models = groupSize(options);
  const isOfAll = models > 1 && counts.asked % models === 0;
  const size = isOfAll ? models : 1;
  const [read, asked] = [counts.read / size, counts.asked / size];
  const { incomparable } = counts;
  const ofModels = isOfAll ? `, each asked of ${counted(models, "model")}` : "";
  const made = wordsOf(isOfAll ? MAKING : { ...MAKING, compare }, options);
  const makes = made === "" ? "" : ` made by ${made}`;
  const lines: string[] = [];
  if (leavesOut(options)) {
    const of = isWhole ? ` of ${counted(read, "row")}${makes}` : ` ${asked === 1 ? "row" : "rows"}`;
    lines.push(
      `${formatCount(asked)}${of} ${asked === 1 ? "is" : "are"} selected (${wordsOf(LEAVING_OUT, options)})${ofModels}`,
    );
  } else if (makes !== "") lines.push(`${counted(read, "row is", "rows are")}${makes}${ofModels}`);
  else if (ofModels !== "") lines.push(`${counted(read, "row")}${ofModels}`);
  if (incomparable > 0)
    lines.push(
      `In ${counted(incomparable, "row")} --where compares what is no number, so that part of it is false there`,
    );
  return lines;
}

/** The options that say which rows are made and which are asked, as they are typed; empty where all rows of the input are. */
export function selectionWords(options: SelectionOptions): string {
  return [wordsOf({ ...MAKING, compare }, options), wordsOf(LEAVING_OUT, options)]
    .filter((words) => words !== "")
    .join(" ");
}

/** The options of a table that are given, as they are typed. */
function wordsOf(flags: Readonly<Record<string, JobFlag<unknown>>>, options: SelectionOptions): string {
  const values: Readonly<Record<string, unknown>> = { ...options };
  return Object.entries(flags)
    .flatMap(([name, row]) => {
      const value = values[name];
      return value === undefined || value === row.default ? [] : row.kind.words(longOf(row), value);
    })
    .map(shellWord)
    .join(" ");
}
