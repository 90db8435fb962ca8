import type { Manifest, RunSummary } from "@parallel-parrot/journal";
import { stepInManifest } from "../steps/step-journal.ts";
import { jobOf } from "./job.ts";

/**
 * What a run of a journal was for: to write an output, to ask failed rows again, or only to look. `other` is the run
 * of another program, and `step` what a later step of a run has asked.
 */
export type RunKind = "run" | "retry" | "preview" | "estimate" | "step" | "other";

/** What the manifest of an estimate that asks has besides the job. */
export const ESTIMATE: Manifest = { purpose: "estimate" };

export function kindOf({ manifest }: Pick<RunSummary, "manifest">): RunKind {
  const job = jobOf(manifest);
  if (job === undefined) return stepInManifest(manifest) === undefined ? "other" : "step";
  if (manifest["purpose"] === ESTIMATE["purpose"]) return "estimate";
  if (job.options.preview !== undefined) return "preview";
  return manifest["retriesFailed"] === true ? "retry" : "run";
}

/** Whether a run wrote, or was to write, an output: previews and estimates do not. */
export function writesOutput(run: Pick<RunSummary, "manifest">): boolean {
  return ["run", "retry"].includes(kindOf(run));
}
