import type { RunSummary } from "@parallel-parrot/journal";
import { isOwn } from "../journal/own-runs.ts";
import { stepInManifest } from "../steps/step-journal.ts";

/** A run that has a job, and the name of a later step of it where that was meant. */
interface WholeRun {
  readonly run: RunSummary;
  readonly step: string | undefined;
}

/**
 * The run itself, or where it is a later step, the run whose step it is.
 *
 * @throws Error where that is somebody else's, or gone
 */
export function wholeRunOf(run: RunSummary, all: readonly RunSummary[]): WholeRun {
  const step = stepInManifest(run.manifest);
  if (step === undefined) return { run, step: undefined };
  // What a stranger's run says of whose step it is decides nothing.
  if (!isOwn(run)) throw new Error("it is not yours");
  const whole = all.find(({ id }) => id === step.run);
  if (whole === undefined)
    throw new Error(`run ${step.run}, whose step it is, is not in the journal any more`);
  return { run: whole, step: step.name };
}
