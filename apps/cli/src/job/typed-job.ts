import type { AskingCommand } from "../flags/job-flags.ts";
import type { Job } from "./job.ts";

/** A job as it was typed. */
export function typedJob(command: AskingCommand, inputs: readonly string[], options: Job["options"]): Job {
  // A command line gives each command the options of its own table.
  return { command, inputs, options: { ...options, ...typedModels(options) } } as Job;
}

/** Models that are named by a flag each are compared with the first. */
function typedModels({ model, compare }: Job["options"]): Partial<Pick<Job["options"], "model" | "compare">> {
  const [first, ...others] = model?.split("\n") ?? [];
  return others.length === 0 ? {} : { model: first, compare: [...others, ...compare] };
}
