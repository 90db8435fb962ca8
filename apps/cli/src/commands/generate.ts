import type { ExitCode } from "../exit-code.ts";
import { inlineFiles } from "../job/inline-files.ts";
import type { Job } from "../job/job.ts";
import type { GenerateDataOptions, GenerateTextOptions } from "../flags/options.ts";
import { onFailureOf, planJob } from "../job/plan.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { run } from "../run/run.ts";

/** `parrot text` */
export async function generateText(input: string, options: GenerateTextOptions): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, input });
  return runJob(await textJob(input, options));
}

/** `parrot data` */
export async function generateData(input: string, options: GenerateDataOptions): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, input });
  return runJob(await dataJob(input, options));
}

/** The job that `parrot text` is asked to do. */
export async function textJob(input: string, options: GenerateTextOptions): Promise<Job> {
  const onFailure = onFailureOf({ ...options, single: true });
  return { command: "text", input, options: { ...(await inlineFiles(options)), onFailure } };
}

/** The job that `parrot data` is asked to do. */
export async function dataJob(input: string, options: GenerateDataOptions): Promise<Job> {
  return {
    command: "data",
    input,
    options: { ...(await inlineFiles(options)), onFailure: onFailureOf(options) },
  };
}

async function runJob(job: Job): Promise<ExitCode> {
  return run(job, await planJob(job, { asks: !job.options.reparse }));
}
