import type { SelectionOptions } from "../flags/options.ts";
import type { DuplicateOptions } from "../output/duplicates.ts";
import { coversRows } from "../selection/covers-rows.ts";

type Options = SelectionOptions & DuplicateOptions;

/** What the output of an earlier run over the same rows has and that of this one would not, in words. */
export function wouldMiss(now: Options, earlier: Options): readonly string[] {
  return [
    ...(coversRows(now, earlier) ? [] : ["it has rows that this run does not ask, which would be missing"]),
    ...(keepsColumns(now, earlier) ? [] : ["it has columns that --columns would leave out"]),
    ...(keepsDuplicates(now, earlier) ? [] : [`it has rows that ${dedupeOption(now)} would leave out`]),
  ];
}

function keepsColumns({ columns: now }: Options, { columns: earlier }: Options): boolean {
  if (now === undefined) return true;
  const kept = new Set(now);
  return earlier?.every((column) => kept.has(column)) ?? false;
}

/** Rows are left out by the same comparison as then, or not at all. */
function keepsDuplicates(now: Options, earlier: Options): boolean {
  return dedupeOption(now) === undefined || comparisonOf(now) === comparisonOf(earlier);
}

function dedupeOption({ dedupe = false, dedupeBy, dedupeNear }: Options): string | undefined {
  if (dedupeNear !== undefined) return "--dedupe-near";
  if (dedupeBy !== undefined) return "--dedupe-by";
  return dedupe ? "--dedupe" : undefined;
}

function comparisonOf(options: Options): string {
  const { dedupeBy, dedupeNear, dedupeRows } = options;
  return JSON.stringify([dedupeOption(options) !== undefined, dedupeBy, dedupeNear, dedupeRows]);
}
