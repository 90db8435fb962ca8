import type { ExitCode } from "./exit-code.ts";
import type { Job } from "./job.ts";
import { planJob, withFiles, type GenerateDataOptions, type GenerateTextOptions } from "./plan.ts";
import { run } from "./run.ts";

/** `parrot text` */
export async function generateText(input: string, options: GenerateTextOptions): Promise<ExitCode> {
  return runJob({ command: "text", input, options: await withFiles(options) });
}

/** `parrot data` */
export async function generateData(input: string, options: GenerateDataOptions): Promise<ExitCode> {
  return runJob({ command: "data", input, options: await withFiles(options) });
}

async function runJob(job: Job): Promise<ExitCode> {
  return run(job, await planJob(job, { asks: !job.options.reparse }));
}
