import { resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { inspectJournal, type Manifest, type RunSummary } from "@parallel-parrot/journal";
import type { ExitCode } from "./exit-code.ts";
import { planJob } from "./plan.ts";
import { jobOf, type Job } from "./job.ts";
import { run } from "./run.ts";
import { resultOf } from "./run-result.ts";
import type { RunFlags } from "./run-options.ts";

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
  const flags = { ...given, journal: resolve(given.journal) };
  const found = await findRun(flags.journal, id, {
    isWanted: ({ state }) => state !== "finished",
    none: "every run in it is finished",
  });
  const job = withFlags(found.job, flags);
  const retriesFailed = found.manifest["retriesFailed"] === true;
  return run(job, await planJob(job, { asks: !job.options.reparse }), { retriesFailed });
}

/** `parrot retry-failed`: the rows of the last run that failed are asked again, or those of the run with this number. */
export async function retryFailed(id: number | undefined, given: ResumeFlags): Promise<ExitCode> {
  const flags = { ...given, journal: resolve(given.journal) };
  const found = await findRun(flags.journal, id, {
    isWanted: ({ manifest }) => (resultOf(manifest)?.failed ?? 0) > 0,
    none: "no run in it has failed rows",
  });
  const job = withFlags(found.job, flags);
  return run(job, await planJob(job), { retriesFailed: true });
}

interface Wanted {
  readonly isWanted: (run: RunSummary) => boolean;
  /** What to say where there is none. */
  readonly none: string;
}

interface Found {
  readonly job: Job;
  readonly manifest: Manifest;
}

async function findRun(path: string, id: number | undefined, { isWanted, none }: Wanted): Promise<Found> {
  const journal = await inspectJournal(path);
  try {
    const runs = journal.runs();
    const found =
      id === undefined ? latestOfEach(runs).findLast(isWanted) : runs.find((each) => each.id === id);
    const job = found === undefined ? undefined : jobOf(found.manifest);
    if (job?.input === "-") {
      throw cannot(
        path,
        "its input was standard input, which is gone: type the command again with the same input",
      );
    }
    if (found !== undefined && job !== undefined) {
      enterFolder(path, found.manifest["cwd"]);
      return { job, manifest: found.manifest };
    }
    if (found !== undefined) throw cannot(path, `run ${found.id} was not begun by this program`);
    throw cannot(path, id === undefined ? none : `it has no run ${id}; see: parrot journal show`);
  } finally {
    journal.close();
  }
}

/** The runs that no later one has taken the place of, with the same input and output; no previews. */
function latestOfEach(runs: readonly RunSummary[]): readonly RunSummary[] {
  const latest = new Map<string, RunSummary>();
  for (const summary of runs) {
    const job = jobOf(summary.manifest);
    if (job === undefined || job.input === "-" || job.options.preview !== undefined) continue;
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

function withFlags(job: Job, { overwrite, quiet, ...flags }: ResumeFlags): Job {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const overwrites = overwrite || job.options.overwrite;
  return job.command === "text"
    ? { ...job, options: { ...job.options, ...given, quiet, overwrite: overwrites } }
    : { ...job, options: { ...job.options, ...given, quiet, overwrite: overwrites } };
}
