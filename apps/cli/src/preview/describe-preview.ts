import { addUsage, counted, NO_USAGE } from "@parallel-parrot/core";
import { formatDollars, type Limit } from "@parallel-parrot/transport";
import { groupSize } from "../compare/compared-models.ts";
import { cacheOf } from "../estimate/cache-use.ts";
import { readingRow } from "../estimate/estimate-cache.ts";
import { estimateTotal } from "../estimate/estimate-total.ts";
import { timeAtLimits } from "../estimate/time-at-limit.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { AskedCount } from "../selection/asked-count.ts";
import { formatCount } from "../terminal/format-count.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import type { Trial } from "../trial/ask-trial.ts";

/**
 * Lines about what a preview took, what that says of all rows, and how they are written.
 *
 * @param counts the rows that a run would ask; `undefined` where they are not known
 */
export function describePreview(
  trial: Trial,
  options: RunOptions,
  counts: Pick<AskedCount, "asked" | "matching"> | undefined,
): readonly string[] {
  const { rows, stopped } = trial;
  const models = groupSize(options);
  // A few rows that were drawn stand for all that they were drawn from.
  const total = options.sample === undefined ? counts?.asked : counts?.matching;
  const isPart = total !== undefined && rows.length > 0 && rows.length < total && stopped === undefined;
  return [
    describeTrial(trial, models),
    ...(isPart ? [describeWhole(trial, options, total)] : []),
    describeWayOn(options, rows.length / models, counts === undefined ? undefined : counts.asked / models),
  ];
}

function describeTrial({ rows, progress, ms }: Trial, models: number): string {
  const { usage, cost, reused } = progress;
  const found = reused === 0 ? "" : ` (${formatCount(reused)} found in the journal)`;
  const tokens = `${counted(usage.requests, "request")}, ${counted(usage.inputTokens, "input token")}, ${counted(usage.outputTokens, "output token")}`;
  const money = cost === undefined ? "" : `, ${formatDollars(cost)}`;
  const ofModels = models > 1 ? ` of ${counted(models, "model")} each` : "";
  return `${counted(rows.length / models, "row")}${ofModels}${found} in ${formatDuration(ms)}: ${tokens}${money}`;
}

/** What all rows would take if they were like these. Only rows that were drawn at random tell how far that may be off. */
function describeWhole({ rows: asked, progress }: Trial, options: RunOptions, total: number): string {
  const { provider, price = provider.price, sample } = options;
  // Of all rows one alone writes to the prompt cache, and it is among these.
  const isMarked = cacheOf(options)?.isMarked === true;
  const rows = isMarked ? asked.map((row) => readingRow(row, price)) : asked;
  const sum = rows.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
  const times = total / rows.length;
  const totals = {
    requests: sum.requests * times,
    inputTokens: sum.inputTokens * times,
    outputTokens: sum.outputTokens * times,
    cachedInputTokens: isMarked ? sum.cachedInputTokens * times : 0,
  };
  const tokens = `${formatCount(Math.round(totals.inputTokens))} input and ${formatCount(Math.round(totals.outputTokens))} output tokens`;
  const costs = rows.flatMap(({ cost }) => cost ?? []);
  const money = costs.length < rows.length ? "" : `, ${dollars(costs, total, sample !== undefined)}`;
  const isRandom = sample !== undefined;
  const which = `All ${formatCount(total / groupSize(options))} rows${isRandom ? " without --sample" : ""}, if they are like these${isRandom ? "" : " first ones"}`;
  return `${which}: ${tokens}${money}${timeOf(timeAtLimits(totals, progress.limits, provider))}. parrot estimate looks at more rows, and counts only those that are still to be asked`;
}

function dollars(costs: readonly number[], total: number, isRandom: boolean): string {
  const { estimate, low, high } = estimateTotal(costs, total);
  const range =
    isRandom && costs.length > 1 && low < high
      ? ` (95 %: ${formatDollars(low)} to ${formatDollars(high)})`
      : "";
  return `about ${formatDollars(estimate)}${range}`;
}

function timeOf([binding]: readonly (Limit & { readonly seconds: number })[]): string {
  return binding === undefined
    ? ""
    : `, ${formatDuration(binding.seconds * 1000)} at the server's rate limit`;
}

function describeWayOn(
  { outputPath, limit, sample }: RunOptions,
  count: number,
  total: number | undefined,
): string {
  const all = total === undefined ? "all rows" : counted(total, "row");
  const isWhole = limit === undefined && sample === undefined;
  const these = isWhole ? `; with --limit ${count} in its place it writes these` : "";
  return `${describeUnwritten(outputPath)}. Without --preview the same command asks and writes ${all}${these}`;
}

/** Says that the output of a command is not written, which it looks ahead to. */
export function describeUnwritten(outputPath: string): string {
  return `A preview writes nothing${outputPath === "-" ? "" : ` to ${outputPath}`}`;
}
