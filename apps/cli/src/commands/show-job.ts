import { isAbsolute, relative, resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import type { SHOW_JOB_FLAGS } from "../flags/commands/job-file-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { unfitOption } from "../job/command-of.ts";
import { folderOf, howOf, jobOf, type Job } from "../job/job.ts";
import { changedJob } from "../job/retry-change.ts";
import { jobFileOf } from "../job-file/write-job-file.ts";
import { inspectPlace } from "../journal/journal-place.ts";
import { stepInManifest } from "../steps/step-journal.ts";
import { print } from "../terminal/print.ts";

/** `parrot job show` */
export async function showJob(
  id: number | undefined,
  { journal: path }: ValuesOf<typeof SHOW_JOB_FLAGS>,
): Promise<ExitCode> {
  const journal = await inspectPlace(path);
  try {
    const runs = journal.runs();
    const found =
      id === undefined
        ? runs.findLast(({ manifest }) => stepInManifest(manifest) === undefined)
        : runs.find((each) => each.id === id);
    const step = found && stepInManifest(found.manifest);
    const run = step === undefined ? found : runs.find((each) => each.id === step.run);
    if (run === undefined)
      throw cannot(
        path,
        id === undefined ? "it has no run" : `it has no run ${id}; parrot journal show lists the runs`,
      );
    const job = jobOf(run.manifest);
    if (job === undefined) throw cannot(path, `run ${run.id} was not begun by this program`);
    const whole = changedJob(job, howOf(run.manifest).change ?? {});
    const unfit = unfitOption(whole);
    if (unfit !== undefined)
      throw cannot(path, `what it says of run ${run.id} has no value that fits ${unfit}`);
    print(jobFileOf(withNearJournal(whole, folderOf(run.manifest))));
  } finally {
    journal.close();
  }
  return EXIT.ok;
}

/** A job whose journal is named as its other files are: from the folder of the run, where it is in it. */
function withNearJournal(job: Job, folder: string): Job {
  const { journal } = job.options;
  if (typeof journal !== "string") return job;
  const near = relative(folder, resolve(folder, journal));
  if (near.startsWith("..") || isAbsolute(near)) return job;
  return { ...job, options: { ...job.options, journal: near } } as Job;
}

function cannot(path: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot show a job of ${path}: ${why}`, {
    file: path,
    option: "RUN",
  });
}
