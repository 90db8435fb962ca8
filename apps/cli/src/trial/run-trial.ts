import { isFailed, type Item, type Row } from "@parallel-parrot/core";
import type { InputDigest } from "@parallel-parrot/formats";
import type { Manifest } from "@parallel-parrot/journal";
import { History } from "../job/history.ts";
import { manifestOf, type Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { describeChecks } from "../journal/describe-checks.ts";
import { reasonOf, refusedResult, trialResult, type RunResult } from "../journal/run-result.ts";
import { openBeside } from "../journal/open-beside.ts";
import { wayOfAsking } from "../run/way-of-asking.ts";
import { say } from "../terminal/report.ts";
import { beginSteps, endSteps, firstOf } from "../steps/step-journal.ts";
import { VERSION } from "../version.ts";
import { askTrial, type Trial } from "./ask-trial.ts";

/** What is asked in a trial, and what the journal is told of it. */
export interface TrialTask {
  /** In the order of the input. */
  readonly items: readonly Item[];
  /** The digest of the input, where it is known. */
  readonly digest: InputDigest | undefined;
  readonly manifest?: Manifest;
}

/** Asks a few rows of a job for real, with its journal, beside a run that may work in the same folder. */
export async function runTrial(
  job: Job,
  options: RunOptions,
  { items, digest, manifest = {} }: TrialTask,
): Promise<Trial> {
  const journal =
    options.journal === false
      ? undefined
      : await openBeside(options.journal, { trust: options.trustJournal });
  try {
    const { retries: _, ...way } = await wayOfAsking(job, options, { history: new History(journal) });
    const begun = await journal?.begin({
      manifest: { ...manifestOf(job, digest, VERSION), ...manifest },
    });
    const laterRuns = await beginSteps(journal, begun, {
      identity: undefined,
      names: options.later?.map(({ name }) => name) ?? [],
    });
    try {
      const trial = await askTrial(items, options, { ...way, journal: begun, laterRuns });
      const { stopped } = trial;
      const steps = trial.steps.map(({ progress }) => progress);
      await endSteps(laterRuns, steps, stopped === undefined ? "finished" : "stopped");
      await begun?.end(stopped === undefined ? "finished" : "stopped", { result: resultOf(trial) });
      return trial;
    } catch (error) {
      await endSteps(laterRuns, [], "stopped").catch(() => undefined);
      await begun?.end("stopped", { result: refusedResult(reasonOf(error)) }).catch(() => undefined);
      throw error;
    }
  } finally {
    for (const line of describeChecks(journal?.checks)) say(line);
    await journal?.close();
  }
}

function resultOf({ rows, steps, progress, ms, stopped }: Trial): RunResult {
  const failed = rows.filter(({ item }) => isFailed<Row>(item)).length;
  return trialResult({
    answered: rows.length - failed,
    failed,
    firstStep: firstOf(steps.map((step) => step.progress)),
    // Each later step is a run of its own in the journal.
    requests: (steps[0]?.progress.progress ?? progress).usage.requests,
    ms: Math.round(ms),
    stopped: stopped === undefined ? null : reasonOf(stopped),
  });
}
