import { counted } from "@parallel-parrot/core";
import type { BatchJob } from "@parallel-parrot/providers";
import type { Harvest } from "./harvester.ts";

/** The part by which the tokens of a job and those of its results may differ without a word. */
const MAX_USAGE_DIFFERENCE = 0.01;

/** What a person should know of the results of a job, in whole sentences. */
export function harvestWords(view: BatchJob, harvest: Harvest): readonly string[] {
  const { repeated, foreign } = harvest;
  const usage = usageWords(view, harvest);
  return [
    ...(repeated === 0
      ? []
      : [`The batch ${view.id} had ${counted(repeated, "result")} more than once; the first one counts.`]),
    ...(foreign === 0
      ? []
      : [`The batch ${view.id} had ${counted(foreign, "result")} of other requests, which are not used.`]),
    ...(usage === undefined ? [] : [usage]),
  ];
}

/** Tells where the provider counts other tokens for the job than its results do. */
function usageWords({ id, usage }: BatchJob, { before, spent: { tokens } }: Harvest): string | undefined {
  if (usage === undefined || before > 0) return undefined;
  const told = usage.inputTokens + usage.outputTokens;
  if (Math.abs(told - tokens) <= MAX_USAGE_DIFFERENCE * told) return undefined;
  const [theirs, ours] = [told, tokens].map((count) => count.toLocaleString("en-US"));
  return `The batch ${id} counts ${theirs} tokens, and its results ${ours}: the bill may differ from the cost shown here.`;
}
