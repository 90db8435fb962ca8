import { ParrotError } from "@parallel-parrot/core";
import type { ExitCode } from "../exit-code.ts";
import { inlineFiles } from "../job/inline-files.ts";
import { withOptions, type Job, type Step } from "../job/job.ts";
import { onFailureOf, planJob } from "../job/plan.ts";
import { preview } from "../preview/preview.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { run } from "../run/run.ts";

/** `parrot text`, `parrot columns` and `parrot data`. */
export async function generate(typed: Job): Promise<ExitCode> {
  const { preview: count, showPrompt, reparse } = typed.options;
  if (showPrompt && count === undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot show the prompts of a whole run; say of how many rows: --preview 3 --show-prompt",
      { option: "--show-prompt" },
    );
  }
  for (const { options } of [typed, ...(typed.later ?? [])])
    await requireSeparateFiles({ ...options, inputs: typed.inputs });
  const job = await keptJob(typed);
  const options = await planJob(job, { asks: !reparse });
  return count === undefined ? run(job, options) : preview(job, options, count);
}

/** A job as the journal keeps it, from the one that was typed: with the texts of the files that it names. */
export async function keptJob(typed: Job): Promise<Job> {
  const first = await keptStep(typed);
  if (typed.later === undefined) return first;
  const later: Step[] = [];
  for (const step of typed.later) later.push(await keptStep(step));
  return { ...first, later };
}

async function keptStep<J extends Job | Step>(step: J): Promise<J> {
  return withOptions(step, { ...(await inlineFiles(step.options)), onFailure: onFailureOf(step) });
}
