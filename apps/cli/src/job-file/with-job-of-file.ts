import type { Job } from "../job/job.ts";
import { jobOfFile } from "./job-of-file.ts";

/** Does something with the job of a file. An error of one of its steps says where in the file that is. */
export async function withJobOfFile<T>(
  file: string,
  inputs: readonly string[],
  typed: Readonly<Record<string, unknown>>,
  work: (job: Job) => Promise<T>,
): Promise<T> {
  const { job, placed } = await jobOfFile(file, inputs, typed);
  try {
    return await work(job);
  } catch (error) {
    throw placed(error);
  }
}
