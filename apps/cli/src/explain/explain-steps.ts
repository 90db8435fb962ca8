import { counted } from "@parallel-parrot/core";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { stepsOutlook, type StepOutlook } from "../steps/steps-outlook.ts";
import { formatCount } from "../terminal/format-count.ts";
import { printJson, printLines } from "../terminal/print.ts";
import { printable } from "../terminal/report.ts";

/** Tells of a job with steps which rows each step would ask. Why they are new is not told, as that may be an answer of a step before. */
export async function explainSteps(job: Job, options: RunOptions, isJson: boolean): Promise<void> {
  const { steps } = await stepsOutlook(job, options);
  if (isJson) for (const step of steps) printJson(`${JSON.stringify(step)}\n`);
  else printLines(`${steps.map((step) => printable(describe(step))).join("\n")}\n`);
}

function describe({ name, answered, toAsk, failed, passes, unknown }: StepOutlook): string {
  const others: readonly (readonly [count: number, words: string])[] = [
    [failed, "failed"],
    [passes, "pass as its condition says"],
    [unknown, "known only when the steps before it have answered"],
  ];
  return [
    `${name}: ${counted(answered, "row")} answered`,
    ...others.flatMap(([count, words]) => (count > 0 ? [`${formatCount(count)} ${words}`] : [])),
    `${formatCount(toAsk)} to be asked`,
  ].join(", ");
}
