import { resolve } from "node:path";
import { ParrotError, stringifyJson } from "@parallel-parrot/core";
import type { RunSummary } from "@parallel-parrot/journal";
import { commandOf, unfitOption } from "../job/command-of.ts";
import { changesBetween } from "../job/changes-between.ts";
import type { ResumeFlags, RetryFlags } from "../flags/go-on-flags.ts";
import type { ExitCode } from "../exit-code.ts";
import { planJob } from "../job/plan.ts";
import {
  howOf,
  isSameProvider,
  jobOf,
  mapSteps,
  withOptions,
  type Job,
  type OnlyFailed,
  type RunHow,
} from "../job/job.ts";
import { haveHiddenParts, nameInputs } from "../input/input-names.ts";
import { describeGoingOn } from "../job/describe-run.ts";
import { inspectPlace } from "../journal/journal-place.ts";
import { fromAnywhere } from "../flags/header-text.ts";
import { ownRuns } from "../journal/own-runs.ts";
import { kindOf, writesOutput } from "../job/run-kind.ts";
import { requireAuthority } from "../job/require-authority.ts";
import { requireHeaders, requireKeyFile } from "../job/require-keys.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";
import { addChange, changedJob, changeFrom, changesOf, withoutChange } from "../job/retry-change.ts";
import { say } from "../terminal/report.ts";
import { run } from "../run/run.ts";
import { resultOf } from "../journal/run-result.ts";
import { outputNameOf } from "../output/output-place.ts";
import { stepInManifest } from "../steps/step-journal.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";

/** `parrot resume`: resumes the run with this number, or else the last run that has not finished. */
export async function resume(id: number | undefined, given: ResumeFlags): Promise<ExitCode> {
  const flags = fromHere(given);
  const found = await findRun(flags.journal, id, {
    isWanted: (run) => run.state !== "finished" && !wasRefused(run),
    none: "every run in it is finished, or was refused before its first answer, or a later run has written its output. Such a run goes on by its number, which parrot journal show lists",
  });
  const job = await withFlags(found, flags);
  const purpose = { asks: !job.options.reparse };
  if (purpose.asks) {
    requireKeyFile(found.run, flags, "resume");
    requireHeaders(found.run, flags, "resume");
  }
  const how = isRetry(found.run) ? withKeyFile(howOf(found.run.manifest), flags) : {};
  const options = await planJob(changedJob(job, how.change ?? {}), purpose);
  say(describeGoingOn(found.run.id, job, options));
  return run(job, options, how);
}

/**
 * `parrot retry-failed`: asks the failed rows again, of the run with this number or else of the last run that has
 * some.
 */
export async function retryFailed(id: number | undefined, given: RetryFlags): Promise<ExitCode> {
  const flags = fromHere(given);
  const found = await findRun(flags.journal, id, {
    isWanted: (run) => isRetry(run) || (resultOf(run.manifest)?.failed ?? 0) > 0,
    none: "no run in it has failed rows",
  });
  const before = howOf(found.run.manifest);
  const change = changeFrom(flags);
  const job = await withFlags(found, ownFlags(flags, before.change ?? {}));
  if (job.options.reparse) {
    throw cannot(
      flags.journal,
      `run ${found.run.id} only read stored answers; to ask for new ones, type its command without --reparse`,
    );
  }
  if (change.model !== undefined && (job.options.compare ?? []).length > 0) {
    throw cannot(
      flags.journal,
      `run ${found.run.id} compares models, and --model would put another in the place of the first; leave it out, or compare others with --compare in a run of its own`,
    );
  }
  if (job.later !== undefined && Object.keys(change).length > 0) {
    throw cannot(
      flags.journal,
      `run ${found.run.id} has steps, and other options would not say for which: leave them out, or change the step in its job file and run that, which asks only what is new to it`,
    );
  }
  const asked = changedJob(job, before.change ?? {}).options.model;
  if (flags.model === undefined || isSameProvider(flags.model, asked))
    requireKeyFile(found.run, flags, "retry-failed");
  if (isSameProvider(flags.model ?? asked, asked)) requireHeaders(found.run, flags, "retry-failed");
  const how = withKeyFile(
    retryOf(job, { before, change, isUnfinished: isRetry(found.run), all: flags.all, only: onlyOf(flags) }),
    flags,
  );
  const now = changedJob(job, how.change ?? {});
  const changed = changesBetween(job, now);
  const options = await planJob(now);
  say(describeGoingOn(found.run.id, job, options));
  if (changed.length > 0 && !flags.quiet)
    say(`Failed rows are asked with other options: ${changed.join(", ")}`);
  return run(job, options, how);
}

/** Adds the key file to the change of a retry where that names another model, whose key it then is. */
function withKeyFile(how: RunHow, { keyFile }: ResumeFlags): RunHow {
  const { change } = how;
  return change?.model === undefined || keyFile === undefined
    ? how
    : { ...how, change: { ...change, keyFile } };
}

interface Retry {
  readonly before: RunHow;
  readonly change: RetryChange;
  /** Whether the run before is a retry that has not finished. */
  readonly isUnfinished: boolean;
  readonly all: boolean;
  readonly only: OnlyFailed;
}

/** The failed rows that are named. */
function onlyOf({ row, code }: RetryFlags): OnlyFailed {
  return {
    ...(row === undefined || row.length === 0 ? {} : { rows: row }),
    ...(code === undefined || code.length === 0 ? {} : { codes: code }),
  };
}

/** How failed rows are asked now: as in the retry before, with the options that are given now on top. */
function retryOf(job: Job, { before, change, isUnfinished, all, only }: Retry): RunHow {
  const earlier = before.change ?? {};
  const whole = addChange(job, earlier, change);
  const changes = changesOf(changedJob(job, earlier), changedJob(job, whole));
  return {
    retriesFailed: true,
    ...(Object.keys(whole).length === 0 ? {} : { change: whole }),
    changes: isUnfinished ? [...new Set([...(before.changes ?? []), ...changes])] : changes,
    ...(all || (isUnfinished && before.asksAll === true) ? { asksAll: true } : {}),
    ...(Object.keys(only).length === 0 ? {} : { only }),
  };
}

/**
 * The options that change the job itself. Key and price do not where another model is asked: they belong to that
 * model.
 */
function ownFlags(flags: RetryFlags, before: RetryChange): ResumeFlags {
  const { all: _, row: _row, code: _code, keyFile, price, priceOf, ...others } = flags;
  const own = withoutChange(others);
  return flags.model === undefined && before.model === undefined ? { ...own, keyFile, price, priceOf } : own;
}

/** Whether a run ended before anything was answered, so that its command is rather to be corrected and typed again. */
function wasRefused({ manifest, usage }: RunSummary): boolean {
  return resultOf(manifest)?.isRefused === true && usage.requests === 0;
}

/** Whether a run is a retry that has not finished. */
function isRetry({ state, manifest }: RunSummary): boolean {
  return state !== "finished" && manifest["retriesFailed"] === true;
}

/** Makes paths absolute: they were typed in this folder, and the run may have been begun in another. */
function fromHere<F extends ResumeFlags>(flags: F): F {
  const { journal, keyFile, header, log } = flags;
  return {
    ...flags,
    journal: resolve(journal),
    keyFile: keyFile === undefined ? keyFile : resolve(keyFile),
    log: log === undefined || log === "-" ? log : resolve(log),
    header: header?.map(fromAnywhere),
  };
}

interface Wanted {
  readonly isWanted: (run: RunSummary) => boolean;
  /** What to say where no run is wanted. */
  readonly none: string;
}

interface Found {
  readonly job: Job;
  readonly run: RunSummary;
}

async function findRun(path: string, id: number | undefined, { isWanted, none }: Wanted): Promise<Found> {
  const journal = await inspectPlace(path);
  try {
    const runs = journal.runs();
    const found =
      id === undefined
        ? (findLast(ownRuns(runs), isWanted) ?? findLast(runs, isWanted))
        : runs.find((each) => each.id === id);
    if (found === undefined)
      throw cannot(path, id === undefined ? none : `it has no run ${id}; parrot journal show lists the runs`);
    const job = jobOf(found.manifest);
    const step = stepInManifest(found.manifest);
    if (step !== undefined)
      throw cannot(
        path,
        `run ${found.id} is a step of run ${step.run}, which goes on as a whole: give that number`,
      );
    if (job === undefined) throw cannot(path, `run ${found.id} was not begun by this program`);
    await requireAuthority(path, found, job);
    if (!writesOutput(found)) {
      const command = commandOf(withOptions(job, { preview: undefined }));
      throw cannot(
        path,
        `run ${found.id} only looked (${kindOf(found)}); the command that writes all rows is ${command}`,
      );
    }
    const { change = {} } = howOf(found.manifest);
    const unfit = unfitOption(job) ?? unfitOption(changedJob(job, change));
    if (unfit !== undefined)
      throw cannot(
        path,
        `what it says of run ${found.id} has no value that fits ${unfit}; begin the run anew`,
      );
    if (!isRepeatable(found)) {
      throw cannot(
        path,
        `the input of run ${found.id} was standard input or a pipe, which is gone. Type its command again with the same input: only rows without an answer are asked`,
      );
    }
    if (haveHiddenParts(job.inputs)) {
      throw cannot(
        path,
        `run ${found.id} read ${nameInputs(job.inputs)}, and no journal keeps the query of an address, as it may be a secret. Type its command again with the address: only rows without an answer are asked`,
      );
    }
    enterFolder(path, found.manifest["cwd"]);
    return { job, run: found };
  } finally {
    journal.close();
  }
}

/** The last wanted run that no later run has replaced; if there are several, the last that can be resumed. */
function findLast(runs: readonly RunSummary[], isWanted: Wanted["isWanted"]): RunSummary | undefined {
  const wanted = latestOfEach(runs).filter((run) => isWanted(run));
  return wanted.findLast((run) => isRepeatable(run)) ?? wanted.at(-1);
}

/**
 * Whether the input of a run can be read again. Otherwise the run has no identity, as the input had no hash
 * beforehand.
 */
function isRepeatable({ identity }: RunSummary): boolean {
  return identity !== undefined;
}

/** The last run for each pair of input and output, without those that only looked. */
function latestOfEach(runs: readonly RunSummary[]): readonly RunSummary[] {
  const latest = new Map<string, RunSummary>();
  for (const summary of runs) {
    const job = jobOf(summary.manifest);
    if (job === undefined || !writesOutput(summary)) continue;
    const files = stringifyJson([summary.manifest["cwd"], job.inputs, outputNameOf(job.options)]) ?? "";
    latest.delete(files);
    latest.set(files, summary);
  }
  return [...latest.values()];
}

/** Changes to the folder where the run was begun, so that names of files mean what they meant there. */
function enterFolder(path: string, folder: unknown): void {
  if (typeof folder !== "string" || folder === process.cwd()) return;
  try {
    process.chdir(folder);
  } catch {
    throw cannot(path, `the folder ${folder}, where the run was begun, no longer exists`);
  }
}

function cannot(path: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Nothing to go on with in ${path}: ${why}`, {
    file: path,
    option: "RUN",
  });
}

/** The job of a run with the options that are given now. No file is both read and written, under whatever names. */
async function withFlags({ job }: Found, flags: ResumeFlags): Promise<Job> {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  // A price that is given now takes the place of the one that the run was begun with, however that was given.
  const isPriced = "price" in given || "priceOf" in given;
  const { price: _, priceOf: __, ...others } = given;
  const changed = mapSteps(job, (step) =>
    // A price is that of one model.
    step.options.model === job.options.model
      ? withOptions(step, { ...(isPriced ? { price: undefined, priceOf: undefined } : {}), ...given })
      : withOptions(step, others),
  );
  await requireSeparateFiles({ ...changed.options, inputs: changed.inputs });
  return changed;
}
