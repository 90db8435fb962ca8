import { resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { inspectJournal, type RunSummary } from "@parallel-parrot/journal";
import type { ExitCode } from "./exit-code.ts";
import { planJob } from "./plan.ts";
import { jobOf, type Job } from "./job.ts";
import { requireJournal } from "./journal-place.ts";
import { run } from "./run.ts";
import { resultOf } from "./run-result.ts";
import type { RunFlags } from "./run-options.ts";
import { requireSeparateFiles } from "./separate-files.ts";

/** The options of a run that may be others when it goes on: they change nothing of what is asked. */
export type ResumeFlags = Partial<
  Pick<
    RunFlags,
    | "concurrency"
    | "rpm"
    | "tpm"
    | "timeout"
    | "maxOutage"
    | "maxAttempts"
    | "maxCost"
    | "maxTotalTokens"
    | "maxRequests"
    | "maxFailures"
    | "price"
    | "grace"
  >
> & {
  readonly journal: string;
  readonly keyFile?: string | undefined;
  readonly overwrite: boolean;
  readonly quiet: boolean;
};

/** `parrot resume`: the last run that is not finished goes on, or the one with this number. */
export async function resume(id: number | undefined, given: ResumeFlags): Promise<ExitCode> {
  const flags = fromHere(given);
  const found = await findRun(flags.journal, id, {
    isWanted: ({ state }) => state !== "finished",
    none: "every run in it is finished",
  });
  const job = withFlags(found, flags);
  const purpose = { asks: !job.options.reparse };
  return run(job, await planJob(job, purpose), { retriesFailed: isRetry(found.run) });
}

/** `parrot retry-failed`: the rows of the last run that failed are asked again, or those of the run with this number. */
export async function retryFailed(id: number | undefined, given: ResumeFlags): Promise<ExitCode> {
  const flags = fromHere(given);
  const found = await findRun(flags.journal, id, {
    isWanted: (run) => isRetry(run) || (resultOf(run.manifest)?.failed ?? 0) > 0,
    none: "no run in it has failed rows",
  });
  const job = withFlags(found, flags);
  if (job.options.reparse) {
    throw cannot(
      flags.journal,
      `run ${found.run.id} read stored answers only; to ask, type its command without --reparse`,
    );
  }
  return run(job, await planJob(job), { retriesFailed: true });
}

/** Whether a run asks failed rows again and has not come to its end. */
function isRetry({ state, manifest }: RunSummary): boolean {
  return state !== "finished" && manifest["retriesFailed"] === true;
}

/** Paths are typed in this folder, and the run may have been begun in another. */
function fromHere(flags: ResumeFlags): ResumeFlags {
  const { journal, keyFile } = flags;
  return { ...flags, journal: resolve(journal), keyFile: keyFile === undefined ? keyFile : resolve(keyFile) };
}

interface Wanted {
  readonly isWanted: (run: RunSummary) => boolean;
  /** What to say where there is none. */
  readonly none: string;
}

interface Found {
  readonly job: Job;
  readonly run: RunSummary;
}

async function findRun(path: string, id: number | undefined, { isWanted, none }: Wanted): Promise<Found> {
  await requireJournal(path);
  const journal = await inspectJournal(path);
  try {
    const runs = journal.runs();
    const found = id === undefined ? findLast(runs, isWanted) : runs.find((each) => each.id === id);
    if (found === undefined)
      throw cannot(path, id === undefined ? none : `it has no run ${id}; see: parrot journal show`);
    const job = jobOf(found.manifest);
    if (job === undefined) throw cannot(path, `run ${found.id} was not begun by this program`);
    if (!isRepeatable(found)) {
      throw cannot(
        path,
        `the input of run ${found.id} was standard input or a pipe, which is gone: type its command again with the same input, and only what has no answer is asked`,
      );
    }
    enterFolder(path, found.manifest["cwd"]);
    await requireSeparateFiles({ ...job.options, input: job.input });
    return { job, run: found };
  } finally {
    journal.close();
  }
}

/** The last run that is wanted and that no later one has taken the place of; one that can go on, if there is any. */
function findLast(runs: readonly RunSummary[], isWanted: Wanted["isWanted"]): RunSummary | undefined {
  const wanted = latestOfEach(runs).filter((run) => isWanted(run));
  return wanted.findLast((run) => isRepeatable(run)) ?? wanted.at(-1);
}

/** Whether the input of a run can be read again: one that can be read only once has no hash beforehand. */
function isRepeatable({ identity }: RunSummary): boolean {
  return identity !== undefined;
}

/** The last runs with the same input and output; no previews. */
function latestOfEach(runs: readonly RunSummary[]): readonly RunSummary[] {
  const latest = new Map<string, RunSummary>();
  for (const summary of runs) {
    const job = jobOf(summary.manifest);
    if (job === undefined || job.options.preview !== undefined) continue;
    const files = JSON.stringify([summary.manifest["cwd"], job.input, job.options.output]);
    latest.delete(files);
    latest.set(files, summary);
  }
  return [...latest.values()];
}

/** Names of files mean what they meant where the run was begun. */
function enterFolder(path: string, folder: unknown): void {
  if (typeof folder !== "string" || folder === process.cwd()) return;
  try {
    process.chdir(folder);
  } catch {
    throw cannot(path, `the folder ${folder}, where the run was begun, is not there any more`);
  }
}

function cannot(path: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Nothing to go on with in ${path}: ${why}`, {
    file: path,
    option: "RUN",
  });
}

function withFlags({ job, run: { state } }: Found, { overwrite, quiet, ...flags }: ResumeFlags): Job {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  // What a finished run has written may have been changed since.
  const overwrites = overwrite || (state !== "finished" && job.options.overwrite);
  return job.command === "text"
    ? { ...job, options: { ...job.options, ...given, quiet, overwrite: overwrites } }
    : { ...job, options: { ...job.options, ...given, quiet, overwrite: overwrites } };
}
