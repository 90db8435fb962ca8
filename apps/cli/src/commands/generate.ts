import type { ExitCode } from "../exit-code.ts";
import { inlineFiles } from "../job/inline-files.ts";
import { withOptions, type Job } from "../job/job.ts";
import { onFailureOf, planJob } from "../job/plan.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { run } from "../run/run.ts";

/** `parrot text`, `parrot columns` and `parrot data`. */
export async function generate(typed: Job): Promise<ExitCode> {
  await requireSeparateFiles({ ...typed.options, inputs: typed.inputs });
  const job = await keptJob(typed);
  return run(job, await planJob(job, { asks: !job.options.reparse }));
}

/** A job as the journal keeps it, from the one that was typed: with the texts of the files that it names. */
export async function keptJob(typed: Job): Promise<Job> {
  return withOptions(typed, { ...(await inlineFiles(typed.options)), onFailure: onFailureOf(typed) });
}
