import { numberOf } from "../compare/compared-models.ts";
import { countSample } from "../estimate/count-sample.ts";
import { describeBatch } from "../estimate/describe-batch.ts";
import { estimateOf } from "../estimate/estimate.ts";
import { requireBatches } from "../estimate/estimate-batch.ts";
import { sampleInput, type InputSample } from "../estimate/sample-input.ts";
import { ESTIMATE_FLAGS } from "../flags/commands/estimate-flags.ts";
import type { EXPLAIN_FLAGS } from "../flags/commands/explain-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { keptJob } from "../job/kept-job.ts";
import type { Job } from "../job/job.ts";
import { planJob } from "../job/plan.ts";
import type { RunOptions } from "../job/run-options.ts";
import { printJson, printLines } from "../terminal/print.ts";
import { say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import { explainSteps } from "./explain-steps.ts";
import { EqualSaving } from "./equal-saving.ts";
import { Explanation } from "./explanation.ts";

/** The options that `parrot explain` adds to those of the command that it explains. */
export type ExplainFlags = ValuesOf<typeof EXPLAIN_FLAGS>;

/** `parrot explain text`, `parrot explain columns` and `parrot explain data`. */
export async function explain(typed: Job, flags: ExplainFlags): Promise<ExitCode> {
  const job = await keptJob(typed);
  const options = await planJob(job, { asks: false });
  requireBatches(options);
  tellNotes(options);
  if (options.later !== undefined) {
    await explainSteps(job, options, flags.json);
    return EXIT.ok;
  }
  const explanation = new Explanation(flags.rows, (reason) => {
    if (flags.json) printJson(`${JSON.stringify(reason)}\n`);
  });
  const saving = await EqualSaving.of(options);
  const sample = await sampleInput(job, options, ESTIMATE_FLAGS.lookAt.default, (row) => {
    explanation.add({ ...row, index: numberOf(row.index, options) });
    saving.add(row);
  });
  for (const line of sample.selection) say(line);
  const batch = options.batch ? await batchLines(sample, options) : [];
  if (flags.json) for (const line of batch) say(line);
  else printLines(explanation.text([...saving.lines(sample.equal), ...batch]));
  return EXIT.ok;
}

/** What `parrot estimate --batch` tells of the jobs: how many, at what price, and what holds them back. */
async function batchLines(sample: InputSample, options: RunOptions): Promise<readonly string[]> {
  if (sample.toAsk === 0) return [];
  const usage = await countSample(sample.items, options, { assumed: undefined, measured: sample.measured });
  const estimate = estimateOf(sample, usage, { options, asked: undefined });
  return estimate.batch === null ? [] : describeBatch(estimate, estimate.batch);
}
