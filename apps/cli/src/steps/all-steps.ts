import type { RunOptions } from "../job/run-options.ts";

/**
 * The steps of a run in their order, each with its part of what is said of the whole: the last leaves out columns that are
 * not kept, and one tells where its rows came from. A run of one step is that step.
 */
export function allSteps(options: RunOptions): readonly RunOptions[] {
  const { later = [], ...first } = options;
  if (later.length === 0) return [options];
  const { columns, lineage } = options;
  const steps: readonly RunOptions[] = [first, ...later];
  const lastSplit = steps.findLastIndex(givesSeveral);
  const telling = lastSplit === -1 ? steps.length - 1 : lastSplit;
  return steps.map((step, place) =>
    ofWhole(step, {
      lineage: lineage && place === telling,
      columns: place === steps.length - 1 ? columns : undefined,
    }),
  );
}

function ofWhole(step: RunOptions, part: Pick<RunOptions, "lineage" | "columns">): RunOptions {
  return { ...step, ...part };
}

/** Whether a step may make several rows of one, or none: where it asks for a list, or keeps several choices. */
export function givesSeveral({ hasList, n, vote, voteBy }: RunOptions): boolean {
  return hasList || (n > 1 && !vote && voteBy === undefined);
}
