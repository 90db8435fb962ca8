import type { InputDigest } from "@parallel-parrot/formats";
import type { Manifest } from "@parallel-parrot/journal";
import { isChange, type Change } from "./failure-advice.ts";
import { keptInputs, readInputs, type KeptInputs } from "../input/input-names.ts";
import { headerNames } from "../flags/header-text.ts";
import { ASKING_COMMANDS, JOB_ROWS } from "../flags/job-flags.ts";
import type {
  GenerateColumnsOptions,
  GenerateDataOptions,
  GenerateOptions,
  GenerateTextOptions,
} from "../flags/options.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";

/**
 * A command and its options as plain data. The journal keeps it, and `resume` starts the run again from it. Of a job of
 * several steps it is the first step, with the options of the whole: from where rows are read, to where they go, how fast.
 */
export type Job = {
  /** The names of files, folders, patterns and addresses, as they were typed. */
  readonly inputs: readonly string[];
  /** What its first step is called, where it has several. @default the job has one step */
  readonly name?: string;
  /** The steps behind the first, in their order. @default none */
  readonly later?: readonly Step[];
} & Asked;

/** One of the later steps of a job: a command that is given the rows of the step before it. */
export type Step = {
  /** What messages and lists of failed rows call it. */
  readonly name: string;
} & Asked;

type Asked =
  | { readonly command: "text"; readonly options: GenerateTextOptions }
  | { readonly command: "columns"; readonly options: GenerateColumnsOptions }
  | { readonly command: "data"; readonly options: GenerateDataOptions };

/** What the journal keeps of a run. */
export function manifestOf(job: Job, digest: InputDigest | undefined, version: string): Manifest {
  return {
    parrot: version,
    node: process.versions.node,
    pid: process.pid,
    cwd: process.cwd(),
    job: {
      command: job.command,
      input: keptInputs(job.inputs),
      options: keptOptions(job.options),
      ...(job.later === undefined
        ? {}
        : {
            name: job.name,
            later: job.later.map((step) => ({ ...step, options: keptOptions(step.options) })),
          }),
    },
    ...(job.options.header === undefined ? {} : { headers: headerNames(job.options.header) }),
    input: inputOf(job, digest),
  };
}

/** The options without those of which no journal keeps the value. */
function keptOptions(options: Job["options"]): Partial<Job["options"]> {
  const values = Object.entries(options).filter(([name]) => !NEVER_KEPT.has(name));
  return Object.fromEntries(values);
}

const NEVER_KEPT: ReadonlySet<string> = new Set(
  JOB_ROWS.flatMap(([name, { isKept = true }]) => (isKept ? [] : [name])),
);

/** What the journal keeps of a run's input. */
export function inputOf({ inputs }: Job, digest: InputDigest | undefined): Manifest {
  return { path: keptInputs(inputs), ...digest };
}

/** The options that no manifest decides, with the values that hold until a person gives others. */
const NEVER_TAKEN: Partial<GenerateOptions> = Object.fromEntries(
  JOB_ROWS.flatMap(([name, row]) => (row.isAuthority ? [[name, row.default]] : [])),
);

/** The options that the first version did not know. Its runs are as if these were not given. */
const LATER: Partial<GenerateOptions> = Object.fromEntries(
  JOB_ROWS.flatMap(([name, row]) => (row.identity?.later ? [[name, row.default]] : [])),
);

/**
 * The job of a run in the journal; `undefined` where another program began the run. Callers may act on it only where
 * the run is the user's own.
 */
export function jobOf({ job }: Manifest): Job | undefined {
  if (!isKeptJob(job)) return undefined;
  const { input, ...asked } = job;
  const kept: Job = { ...asked, inputs: readInputs(input) ?? [] };
  return mapSteps(kept, (step) => withOptions(step, { ...LATER, ...step.options, ...NEVER_TAKEN }));
}

/** The file that a run has read its key from. Whoever resumes the run has to name it again. */
export function keyFileOf({ job, change }: Manifest): string | undefined {
  const { keyFile, model } = isKeptJob(job) ? job.options : {};
  const retry = typeof change === "object" && change !== null ? change : {};
  const changed = "keyFile" in retry ? retry.keyFile : undefined;
  const isOther = "model" in retry && !isSameProvider(retry.model, model);
  const current = changed ?? (isOther ? undefined : keyFile);
  return typeof current === "string" ? current : undefined;
}

/** The names of the headers that a run has sent, whose values no journal has. Whoever resumes it gives them again. */
export function headersOf({ headers }: Manifest): readonly string[] {
  return Array.isArray(headers) ? headers.filter((name) => typeof name === "string") : [];
}

/** Whether two models are of one provider, which takes one key for both. */
export function isSameProvider(model: unknown, other: unknown): boolean {
  return textOf(model)?.split("/", 1)[0] === textOf(other)?.split("/", 1)[0];
}

/** A value that should be a text: one in a stranger's manifest may be of any type, and throw where it is made one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A job, or one of its later steps, with some of its options changed. */
export function withOptions<J extends Job | Step>(
  job: J,
  changed: Partial<GenerateTextOptions & GenerateDataOptions>,
): J {
  // The options stay those of the same command.
  return { ...job, options: { ...job.options, ...changed } };
}

/** A job with each of its steps changed, the first as the job itself. */
export function mapSteps(job: Job, change: <J extends Job | Step>(step: J) => J): Job {
  const first = change(job);
  return job.later === undefined ? first : { ...first, later: job.later.map((step) => change(step)) };
}

/** How a later run of a job differs from the first; the journal keeps it. */
export interface RunHow {
  /** Whether rows that failed are asked again. @default false */
  readonly retriesFailed?: boolean;
  /** The options that are changed for those rows. @default none */
  readonly change?: RetryChange;
  /** What these options change of the requests, compared with the retry before. @default nothing */
  readonly changes?: readonly Change[];
  /** Whether rows that would fail the same way are asked again too. @default false */
  readonly asksAll?: boolean;
  /** The failed rows that are asked again, where they are named. @default those that may be answered now */
  readonly only?: OnlyFailed;
}

/** Failed rows by name: those in one list or the other. */
export interface OnlyFailed {
  /** Numbers of rows in the input, from 1. */
  readonly rows?: readonly number[];
  /** Codes with which rows have failed. */
  readonly codes?: readonly string[];
}

/** How a run in the journal differs from the first run of its job. */
export function howOf({ retriesFailed, change, changes, asksAll, only }: Manifest): RunHow {
  return {
    ...(retriesFailed === true ? { retriesFailed } : {}),
    ...(typeof change === "object" && change !== null ? { change: withoutAuthority(change) } : {}),
    ...(Array.isArray(changes) ? { changes: changes.filter((each) => isChange(each)) } : {}),
    ...(asksAll === true ? { asksAll } : {}),
    ...(typeof only === "object" && only !== null ? { only: onlyIn(only) } : {}),
  };
}

function onlyIn(only: object): OnlyFailed {
  const { rows, codes } = only as Partial<Record<keyof OnlyFailed, unknown>>;
  return {
    ...(Array.isArray(rows) ? { rows: rows.filter((row) => typeof row === "number") } : {}),
    ...(Array.isArray(codes) ? { codes: codes.filter((code) => typeof code === "string") } : {}),
  };
}

function withoutAuthority(change: RetryChange): RetryChange {
  return Object.fromEntries(Object.entries(change).filter(([name]) => !(name in NEVER_TAKEN)));
}

/** The folder in which a run was begun: relative names of files start there. */
export function folderOf({ cwd }: Manifest): string {
  return typeof cwd === "string" ? cwd : process.cwd();
}

/** The hash of a run's input; `undefined` where the input can be read only once. */
export function inputHashOf({ input }: Manifest): string | undefined {
  return typeof input === "object" && input !== null && "sha256" in input && typeof input.sha256 === "string"
    ? input.sha256
    : undefined;
}

/** A job as a manifest has it. */
type KeptJob = Asked & { readonly input: KeptInputs };

function isKeptJob(value: unknown): value is KeptJob {
  if (typeof value !== "object" || value === null) return false;
  const { input, later } = value as Partial<Record<string, unknown>>;
  return isAsked(value) && readInputs(input) !== undefined && (later === undefined || areSteps(later));
}

function areSteps(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((step: unknown) => isAsked(step) && "name" in step && typeof step.name === "string")
  );
}

function isAsked(value: unknown): value is Asked {
  if (typeof value !== "object" || value === null) return false;
  const { command, options } = value as Partial<Record<string, unknown>>;
  return (
    typeof command === "string" &&
    Object.hasOwn(ASKING_COMMANDS, command) &&
    typeof options === "object" &&
    options !== null
  );
}
