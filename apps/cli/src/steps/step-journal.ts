import type { Journal, JournalRun, Manifest } from "@parallel-parrot/journal";
import { trialResult, type RunResult } from "../journal/run-result.ts";
import type { StepProgress } from "./step-progress.ts";

/** What the manifest of a later step has: the run whose step it is, and its name. */
interface OfRun {
  readonly run: number;
  readonly name: string;
}

/**
 * Begins the runs of the later steps of a run. Each step has a run of its own in the journal, in which its answers are:
 * so each goes on where it was.
 */
export async function beginSteps(
  journal: Journal | undefined,
  whole: JournalRun | undefined,
  { identity, names }: { readonly identity: string | undefined; readonly names: readonly string[] },
): Promise<readonly JournalRun[]> {
  if (journal === undefined || whole === undefined) return [];
  const runs: JournalRun[] = [];
  for (const [place, name] of names.entries()) {
    const step: OfRun = { run: whole.id, name };
    runs.push(
      await journal.begin({
        // The name of a step is a part of the identity of the whole.
        ...(identity === undefined ? {} : { identity: `${identity} step ${place + 2}` }),
        manifest: { pid: process.pid, cwd: process.cwd(), step },
      }),
    );
  }
  return runs;
}

/** Ends the runs of the later steps, each with what became of its rows. @param steps all of them, as far as they came */
export async function endSteps(
  runs: readonly JournalRun[],
  steps: readonly StepProgress[],
  state: "finished" | "stopped",
): Promise<void> {
  for (const [place, run] of runs.entries()) {
    const step = steps[place + 1];
    if (step === undefined) {
      await run.end(state);
      continue;
    }
    const { answered, failed, progress } = step;
    const requests = progress.paidBefore.usage.requests + progress.usage.requests;
    await run.end(state, { result: trialResult({ answered, failed, requests }) });
  }
}

/** What the first of several steps came to, for the run of the whole; `null` where there is one. */
export function firstOf([first]: readonly StepProgress[]): RunResult["firstStep"] {
  return first === undefined ? null : { answered: first.answered, failed: first.failed };
}

/** The step of a run that a manifest is of; `undefined` for the manifest of a run. */
export function stepInManifest({ step }: Manifest): OfRun | undefined {
  if (typeof step !== "object" || step === null || !("run" in step) || !("name" in step)) return undefined;
  const { run, name } = step;
  return typeof run === "number" && typeof name === "string" ? { run, name } : undefined;
}
