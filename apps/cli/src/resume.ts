import { ParrotError } from "@parallel-parrot/core";
import { inspectJournal, type RunSummary } from "@parallel-parrot/journal";
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
export async function resume(id: number | undefined, flags: ResumeFlags): Promise<ExitCode> {
  const found = await findRun(flags.journal, id, {
    isWanted: ({ state, manifest }) => state !== "finished" && jobOf(manifest)?.input !== "-",
    none: "every run in it is finished",
  });
  const job = withFlags(found, flags);
  return run(job, await planJob(job, { asks: !job.options.reparse }));
}

/** `parrot retry-failed`: the rows of the last run that failed are asked again, or those of the run with this number. */
export async function retryFailed(id: number | undefined, flags: ResumeFlags): Promise<ExitCode> {
  const found = await findRun(flags.journal, id, {
    isWanted: ({ manifest }) => (resultOf(manifest)?.failed ?? 0) > 0,
    none: "no run in it has failed rows",
  });
  const job = withFlags(found, flags);
  return run(job, await planJob(job), { retriesFailed: true });
}

interface Wanted {
  readonly isWanted: (run: RunSummary) => boolean;
  /** What to say where there is none. */
  readonly none: string;
}

async function findRun(path: string, id: number | undefined, { isWanted, none }: Wanted): Promise<Job> {
  const journal = await inspectJournal(path);
  try {
    const runs = journal.runs();
    const found = id === undefined ? runs.findLast(isWanted) : runs.find((each) => each.id === id);
    const job = found === undefined ? undefined : jobOf(found.manifest);
    if (job?.input === "-") {
      throw cannot(
        path,
        "its input was standard input, which is gone: type the command again with the same input",
      );
    }
    if (job !== undefined) return inFolder(job, found?.manifest["cwd"]);
    if (found !== undefined) throw cannot(path, `run ${found.id} was not begun by this program`);
    throw cannot(path, id === undefined ? none : `it has no run ${id}; see: parrot journal show`);
  } finally {
    journal.close();
  }
}

/** Names of files mean what they meant where the run was begun. */
function inFolder(job: Job, folder: unknown): Job {
  if (typeof folder === "string" && folder !== process.cwd()) process.chdir(folder);
  return job;
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
