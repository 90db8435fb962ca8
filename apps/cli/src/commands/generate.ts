import type { ExitCode } from "../exit-code.ts";
import type { Job } from "../job/job.ts";
import { onFailureOf, planJob, type GenerateDataOptions, type GenerateTextOptions } from "../job/plan.ts";
import { run } from "../run/run.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { withOutside } from "../job/inline-files.ts";

/** `parrot text` */
export async function generateText(input: string, options: GenerateTextOptions): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, input });
  const onFailure = onFailureOf({ ...options, single: true });
  return runJob({ command: "text", input, options: { ...(await withOutside(options)), onFailure } });
}

/** `parrot data` */
export async function generateData(input: string, options: GenerateDataOptions): Promise<ExitCode> {
  await requireSeparateFiles({ ...options, input });
  const onFailure = onFailureOf(options);
  return runJob({ command: "data", input, options: { ...(await withOutside(options)), onFailure } });
}

async function runJob(job: Job): Promise<ExitCode> {
  return run(job, await planJob(job, { asks: !job.options.reparse }));
}
