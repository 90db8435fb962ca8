import type { ExitCode } from "../exit-code.ts";
import { inlineFiles } from "../job/inline-files.ts";
import type { Job } from "../job/job.ts";
import type { GenerateDataOptions, GenerateTextOptions } from "../flags/options.ts";
import { onFailureOf, planJob } from "../job/plan.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { run } from "../run/run.ts";

/** `parrot text` */
export async function generateText(
  inputs: readonly string[],
  options: GenerateTextOptions,
): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, inputs });
  return runJob(await textJob(inputs, options));
}

/** `parrot data` */
export async function generateData(
  inputs: readonly string[],
  options: GenerateDataOptions,
): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, inputs });
  return runJob(await dataJob(inputs, options));
}

/** The job that `parrot text` is asked to do. */
export async function textJob(inputs: readonly string[], options: GenerateTextOptions): Promise<Job> {
  const onFailure = onFailureOf({ ...options, single: true });
  return { command: "text", inputs, options: { ...(await inlineFiles(options)), onFailure } };
}

/** The job that `parrot data` is asked to do. */
export async function dataJob(inputs: readonly string[], options: GenerateDataOptions): Promise<Job> {
  return {
    command: "data",
    inputs,
    options: { ...(await inlineFiles(options)), onFailure: onFailureOf(options) },
  };
}

async function runJob(job: Job): Promise<ExitCode> {
  return run(job, await planJob(job, { asks: !job.options.reparse }));
}
