import { inlineFiles } from "./inline-files.ts";
import { withOptions, type Job, type Step } from "./job.ts";
import { onFailureOf } from "./plan.ts";

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
