import type { RunSummary } from "@parallel-parrot/journal";
import { haveHiddenParts } from "../input/input-names.ts";
import { isOwn } from "../journal/own-runs.ts";
import { stepInManifest } from "../steps/step-journal.ts";
import { jobOf, type Job } from "./job.ts";

/**
 * The job of a run whose input may be read again, to show its rows.
 *
 * @throws Error that says why it may not be
 */
export function rereadableJob(run: Pick<RunSummary, "origin" | "manifest">): Job {
  const job = jobOf(run.manifest);
  if (!isOwn(run)) throw new Error("it is not yours");
  const step = stepInManifest(run.manifest);
  if (step !== undefined)
    throw new Error(
      `it is what the step ${step.name} of run ${step.run} has asked, which has no input of its own`,
    );
  if (job === undefined) throw new Error("another program has begun it");
  if (haveHiddenParts(job.inputs)) throw new Error("no journal keeps the query of its address");
  return job;
}
