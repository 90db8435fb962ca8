import { counted } from "@parallel-parrot/core";
import { formatDollars } from "@parallel-parrot/transport";
import { formatCount } from "../terminal/format-count.ts";
import type { StepProgress } from "./step-progress.ts";

/** What became of the rows in each step, a line for each; none for a run of one step. */
export function describeSteps(steps: readonly StepProgress[]): readonly string[] {
  return steps.map(({ name, progress, answered, failed, failedBefore }) => {
    const { skipped, passed, reused, usage, cost } = progress;
    const found = reused > 0 ? ` (${formatCount(reused)} found in the journal)` : "";
    const passing = passed - failedBefore;
    const others: readonly (readonly [count: number, words: string])[] = [
      [passing, "passed as its condition says"],
      [failedBefore, `passed as ${failedBefore === 1 ? "it" : "they"} had failed before`],
      [skipped, "skipped"],
      [failed, "failed"],
    ];
    const parts = [
      `${counted(answered, "row")} answered${found}`,
      ...others.flatMap(([count, words]) => (count > 0 ? [`${formatCount(count)} ${words}`] : [])),
      counted(usage.requests, "request"),
      ...(cost === undefined ? [] : [formatDollars(cost)]),
    ];
    return `  ${name}: ${parts.join(", ")}`;
  });
}
