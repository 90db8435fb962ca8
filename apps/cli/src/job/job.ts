import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { InputDigest } from "@parallel-parrot/formats";
import type { Manifest } from "@parallel-parrot/journal";
import { isChange, type Change } from "./failure-advice.ts";
import type { GenerateDataOptions, GenerateTextOptions } from "./plan.ts";
import type { RetryChange } from "./retry-change.ts";

/** What a command was asked to do, as plain data: the journal keeps it, and a run can be started again from it. */
export type Job = { readonly input: string } & (
  | { readonly command: "text"; readonly options: GenerateTextOptions }
  | { readonly command: "data"; readonly options: GenerateDataOptions }
);

type Options = GenerateTextOptions & GenerateDataOptions;

/** The options that make the requests: with the same ones, the same rows ask for the same. */
const ASKING = [
  "prompt",
  "promptText",
  "system",
  "model",
  "baseUrl",
  "n",
  "temperature",
  "topP",
  "maxTokens",
  "seed",
  "stop",
  "reasoningEffort",
  "imageColumn",
  "imageFolder",
  "onContext",
  "from",
  "delimiter",
  "longNumbers",
] as const satisfies readonly (keyof Options)[];

/** The options that shape what becomes of the answers. */
const READING = [
  "outputKey",
  "keys",
  "schemaText",
  "single",
  "thoughts",
] as const satisfies readonly (keyof Options)[];

const WRITING = [
  "output",
  "failed",
  "to",
  "order",
  "lineage",
  "onCollision",
  "onEmpty",
  "onFailure",
  "escapeFormulas",
  "preview",
  "fresh",
  "reparse",
] as const satisfies readonly (keyof Options)[];

/**
 * What makes two runs one: the same input, byte for byte, the same requests and the same output. How fast, how
 * often and at what price is not a part of it. `undefined` where the input cannot be read again.
 */
export function identityOf(job: Job, digest: InputDigest | undefined): string | undefined {
  if (digest === undefined) return undefined;
  return hashOf([
    job.command,
    job.input,
    digest.sha256,
    ...pick(job, [...ASKING, ...READING, ...WRITING]),
    ...laterOptionsOf(job),
  ]);
}

/** What makes two runs ask for the same, whatever becomes of the answers; whatever the rows. */
export function askingOf(job: Job): string {
  return hashOf(pick(job, ASKING));
}

/**
 * What makes two runs jobs with one product: the same questions about the file of that name, read in the same way.
 * What is in the file, how fast and in which form it is written is not a part of it.
 */
export function productOf(job: Job, folder: string): string {
  return hashOf([
    job.command,
    resolve(folder, job.input),
    ...pick(job, [...ASKING, ...READING]),
    ...laterOptionsOf(job),
  ]);
}

/** Options that earlier versions did not know; a run without them is the same as one of such a version. */
function laterOptionsOf({ options }: Job): readonly string[] {
  return [
    ...(options.askEqualOnce === true ? ["askEqualOnce"] : []),
    ...(options.quotes === false ? ["no quotes"] : []),
    ...(options.ragged === "pad" ? ["ragged pad"] : []),
  ];
}

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
const NEVER_TAKEN = { keyFile: undefined, overwrite: false, trustJournal: false } as const;

/**
 * The job of a run in the journal; `undefined` where another program began it. To be acted on only where the run is
 * the user's own.
 */
export function jobOf({ job }: Manifest): Job | undefined {
  return isJob(job) ? withOptions(job, NEVER_TAKEN) : undefined;
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

function pick({ options }: Job, names: readonly (keyof Options)[]): readonly unknown[] {
  const all: Partial<Options> = options;
  return names.map((name) => all[name] ?? null);
}

function hashOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
