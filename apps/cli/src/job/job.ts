import type { InputDigest } from "@parallel-parrot/formats";
import type { Manifest } from "@parallel-parrot/journal";
import { isChange, type Change } from "./failure-advice.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { GenerateDataOptions, GenerateOptions, GenerateTextOptions } from "../flags/options.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";

/** What a command was asked to do, as plain data: the journal keeps it, and a run can be started again from it. */
export type Job = { readonly input: string } & (
  | { readonly command: "text"; readonly options: GenerateTextOptions }
  | { readonly command: "data"; readonly options: GenerateDataOptions }
);

/** What the journal keeps of a run. */
export function manifestOf(job: Job, digest: InputDigest | undefined, version: string): Manifest {
  return {
    parrot: version,
    node: process.versions.node,
    cwd: process.cwd(),
    job: { ...job, options: job.options },
    input: inputOf(job, digest),
  };
}

/** What the journal keeps of a run's input. */
export function inputOf({ input }: Job, digest: InputDigest | undefined): Manifest {
  return { path: input, ...digest };
}

/** What no manifest decides, whoever made it: whose key is sent, what may be lost, and who is believed. */
const NEVER_TAKEN: Partial<GenerateOptions> = Object.fromEntries(
  JOB_ROWS.flatMap(([name, row]) => (row.isAuthority ? [[name, row.default]] : [])),
);

/** Options that earlier versions did not know: their runs are as if these were not given. */
const LATER: Partial<GenerateOptions> = Object.fromEntries(
  JOB_ROWS.flatMap(([name, row]) => (row.identity?.later ? [[name, row.default]] : [])),
);

/**
 * The job of a run in the journal; `undefined` where another program began it. To be acted on only where the run is
 * the user's own.
 */
export function jobOf({ job }: Manifest): Job | undefined {
  return isJob(job) ? withOptions(job, { ...LATER, ...job.options, ...NEVER_TAKEN }) : undefined;
}

/** The file that a run has read its key from, to be named again by whoever goes on with it. */
export function keyFileOf({ job, change }: Manifest): string | undefined {
  const { keyFile, model } = isJob(job) ? job.options : {};
  const retry = typeof change === "object" && change !== null ? change : {};
  const changed = "keyFile" in retry ? retry.keyFile : undefined;
  const isOther = "model" in retry && !isSameProvider(retry.model, model);
  const current = changed ?? (isOther ? undefined : keyFile);
  return typeof current === "string" ? current : undefined;
}

/** Whether two models are of one provider, so that one key is good for both. */
export function isSameProvider(model: unknown = "", other: unknown = ""): boolean {
  return String(model).split("/", 1)[0] === String(other).split("/", 1)[0];
}

/** A job with some of its options changed. */
export function withOptions(job: Job, changed: Partial<GenerateTextOptions & GenerateDataOptions>): Job {
  return job.command === "text"
    ? { ...job, options: { ...job.options, ...changed } }
    : { ...job, options: { ...job.options, ...changed } };
}

/** How a run goes on with its job, where it is not the first one; the journal keeps it. */
export interface RunHow {
  /** Whether rows that failed are asked again. @default false */
  readonly retriesFailed?: boolean;
  /** What of the job's questions is another for them. @default nothing */
  readonly change?: RetryChange;
  /** What that changes of how they were asked before. @default nothing */
  readonly changes?: readonly Change[];
  /** Whether rows are asked again too that would fail the same way. @default false */
  readonly asksAll?: boolean;
}

/** How a run in the journal went on with its job. */
export function howOf({ retriesFailed, change, changes, asksAll }: Manifest): RunHow {
  return {
    ...(retriesFailed === true ? { retriesFailed } : {}),
    ...(typeof change === "object" && change !== null ? { change: withoutKey(change) } : {}),
    ...(Array.isArray(changes) ? { changes: changes.filter((each) => isChange(each)) } : {}),
    ...(asksAll === true ? { asksAll } : {}),
  };
}

function withoutKey(change: RetryChange): RetryChange {
  const { keyFile: _, ...others } = change;
  return others;
}

/** The folder in which a run was begun, which names of files start from. */
export function folderOf({ cwd }: Manifest): string {
  return typeof cwd === "string" ? cwd : process.cwd();
}

/** Hash of the input of a run, where it could be read again. */
export function inputHashOf({ input }: Manifest): string | undefined {
  return typeof input === "object" && input !== null && "sha256" in input && typeof input.sha256 === "string"
    ? input.sha256
    : undefined;
}

function isJob(value: unknown): value is Job {
  if (typeof value !== "object" || value === null) return false;
  const { command, input, options } = value as Partial<Record<string, unknown>>;
  return (
    (command === "text" || command === "data") &&
    typeof input === "string" &&
    typeof options === "object" &&
    options !== null
  );
}
