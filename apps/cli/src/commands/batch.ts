import { counted, isParrotError, ParrotError, stringifyJson } from "@parallel-parrot/core";
import type { JournalBatches, RunSummary, StoredJob } from "@parallel-parrot/journal";
import { cancelBatch } from "@parallel-parrot/transport";
import { describeStoredJob, isOpen } from "../batch/describe-stored-job.ts";
import { batchesOf, findJob } from "../batch/find-jobs.ts";
import { providerOfJob } from "../batch/provider-of-job.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { FORGET_JOB_FLAGS, LIST_JOBS_FLAGS } from "../flags/commands/batch-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import type { KeyFlags } from "../job/require-keys.ts";
import { inspectPlace, journalOption, nearName, openJobsPlace } from "../journal/journal-place.ts";
import { print, printJson } from "../terminal/print.ts";
import { messageOf, printable, say } from "../terminal/report.ts";

/** `parrot batch list`: also while a run works. */
export async function listJobs({
  journal: path,
  all,
  json,
}: ValuesOf<typeof LIST_JOBS_FLAGS>): Promise<ExitCode> {
  const journal = await inspectPlace(path);
  try {
    const jobs = journal.batchJobs(all ? {} : { open: true });
    if (json) printJson(`${stringifyJson({ path, jobs }, 2)}\n`);
    else {
      for (const job of jobs) print(`${describeStoredJob(job).map(printable).join("\n")}\n\n`);
      print(`${printable(totalOf(path, jobs))}\n`);
    }
  } finally {
    journal.close();
  }
  return EXIT.ok;
}

function totalOf(path: string, jobs: readonly StoredJob[]): string {
  const open = jobs.filter((job) => isOpen(job) && job.origin === "own");
  const others = jobs.length - open.length;
  const option = journalOption(path);
  const more = others === 0 ? "" : `, ${counted(others, "other")}`;
  if (open.length === 0) return `${nearName(path)}: no job is open${more}`;
  const requests = open.reduce((sum, job) => sum + job.requests, 0);
  return `${nearName(path)}: ${counted(open.length, "open job")} with ${counted(requests, "request")}${more}. parrot resume${option} collects the answers, parrot batch cancel${option} ends jobs early`;
}

/** `parrot batch cancel`: the job with this number, or every one that is open and the user's own. */
export async function cancelJobs(id: number | undefined, flags: KeyFlags): Promise<ExitCode> {
  const path = flags.journal;
  const journal = await openJobsPlace(path);
  try {
    const batches = batchesOf(journal, path);
    const jobs = id === undefined ? ownOpenJobs(batches) : [findJob(batches, id, path)];
    if (jobs.length === 0) print(`${printable(nearName(path))}: no job is open\n`);
    const runs = await runsOf(path);
    let areAllCancelled = true;
    for (const job of jobs)
      areAllCancelled = (await tryToCancel(batches, job, runs, flags)) && areAllCancelled;
    return areAllCancelled ? EXIT.ok : EXIT.usage;
  } finally {
    await journal.close();
  }
}

function ownOpenJobs(batches: JournalBatches): readonly StoredJob[] {
  const open = batches.jobs({ open: true });
  const own = open.filter(({ origin }) => origin === "own");
  const others = open.length - own.length;
  if (others > 0) say(`${counted(others, "open job is", "open jobs are")} not signed by you, and left alone`);
  return own;
}

async function runsOf(path: string): Promise<readonly RunSummary[]> {
  const journal = await inspectPlace(path);
  try {
    return journal.runs();
  } finally {
    journal.close();
  }
}

/** Cancels a job and says what came of it; one that fails does not keep the others from being cancelled. */
async function tryToCancel(
  batches: JournalBatches,
  job: StoredJob,
  runs: readonly RunSummary[],
  flags: KeyFlags,
): Promise<boolean> {
  try {
    print(`${printable(await cancelJob(batches, job, runs, flags))}\n`);
    return true;
  } catch (error) {
    if (!isParrotError(error)) throw error;
    say(printable(messageOf(error)));
    return false;
  }
}

async function cancelJob(
  batches: JournalBatches,
  job: StoredJob,
  runs: readonly RunSummary[],
  flags: KeyFlags,
): Promise<string> {
  const { id, state, remote, provider: at } = job;
  const option = journalOption(flags.journal);
  const collect = `parrot resume${option} collects what it has answered`;
  if (remote === undefined) {
    if (state === "creating") {
      throw new ParrotError(
        "BATCH_OPEN",
        `Cannot cancel job ${id}: its creation at ${at} got no answer, so that it has no id. parrot resume${option} finds out whether it is there`,
      );
    }
    await batches.close(id, "abandoned", { error: "cancelled before it was made" });
    return `Job ${id} was not made yet, and is given up: nothing of it was sent to be answered`;
  }
  if (state === "ended") return `Job ${id} (${remote}) has ended already; ${collect}`;
  const provider = await providerOfJob(job, runs, flags);
  await batches.change(id, { state: "cancelling" });
  try {
    const { phase, state: said } = await cancelBatch(provider, remote);
    if (phase !== "ended") return `Job ${id} (${remote}) is cancelled, and ends soon (${said}); ${collect}`;
    return `Job ${id} (${remote}) has ended (${said}); ${collect}`;
  } catch (error) {
    await batches.change(id, { state: state === "cancelling" ? state : "open" });
    throw error;
  }
}

/** `parrot batch forget`: gives a job up without a word to the provider. */
export async function forgetJob(
  id: number,
  { journal: path }: ValuesOf<typeof FORGET_JOB_FLAGS>,
): Promise<ExitCode> {
  const journal = await openJobsPlace(path);
  try {
    const batches = batchesOf(journal, path);
    const { remote, provider, requests, answers, state } = findJob(batches, id, path);
    await batches.close(id, "abandoned", { error: "given up by parrot batch forget" });
    const left = counted(Math.max(0, requests - answers), "request");
    print(`${printable(`Job ${id} is forgotten: ${left} of it will be asked, and paid for, again`)}\n`);
    const isMade = remote !== undefined || state === "creating";
    if (isMade)
      say(
        `The provider was told nothing: where ${remote ?? "the job"} is still there, ${provider} goes on with it and charges for it. Cancel it there`,
      );
  } finally {
    await journal.close();
  }
  return EXIT.ok;
}
