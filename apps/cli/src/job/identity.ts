import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { isAddress, type InputDigest } from "@parallel-parrot/formats";
import type { Identity } from "../flags/flag.ts";
import { keptInputs, type KeptInputs } from "../input/input-names.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { Job, Step } from "./job.ts";

interface Hashed {
  /** The name of the option whose value is hashed. */
  readonly name: string;
  readonly identity: NonNullable<Identity<unknown>>;
}

/** The options that are a part of a hash, in the order in which they are hashed. */
const HASHED: readonly Hashed[] = JOB_ROWS.flatMap(([name, { identity, inlinedAs = name }]) =>
  identity === undefined ? [] : [{ name: inlinedAs, identity }],
).toSorted((one, other) => one.identity.place - other.identity.place);

const [ASKING, PRODUCT, IDENTITY] = [
  HASHED.filter(({ identity }) => identity.of === "asking"),
  HASHED.filter(({ identity }) => identity.of !== "identity"),
  HASHED,
];

/**
 * The identity of a run. Two runs are one where the input is the same, byte for byte, and so are the requests and the
 * output. How fast, how often and at what price is asked does not count. `undefined` where the input can be read only
 * once.
 */
export function identityOf(job: Job, digest: InputDigest | undefined): string | undefined {
  if (digest === undefined) return undefined;
  const steps = stepsOf(job, IDENTITY, ({ name }) => [name]);
  return hashOf([job.command, keptInputs(job.inputs), digest.sha256, ...partsOf(job, IDENTITY), ...steps]);
}

/** A hash of what makes the requests: with the same hash, the same rows make the same requests. */
export function askingOf(job: Job): string {
  return hashOf([...partsOf(job, ASKING), ...stepsOf(job, ASKING)]);
}

/**
 * A hash of what a job produces: the questions, the names of the inputs and how answers are read. The content of the
 * input, the speed and the form of the output do not count.
 */
export function productOf(job: Job, folder: string): string {
  return hashOf([
    job.command,
    placesOf(job.inputs, folder),
    ...partsOf(job, PRODUCT),
    ...stepsOf(job, PRODUCT),
  ]);
}

/** Where inputs are. Relative names start in the folder. */
export function placesOf(inputs: readonly string[], folder: string): KeptInputs {
  return keptInputs(inputs.map((name) => (isAddress(name) ? name : resolve(folder, name))));
}

/** What is hashed of the steps behind the first; nothing for a job that has none, whose hashes stay as they were. */
function stepsOf(
  { name = "", later = [] }: Job,
  hashed: readonly Hashed[],
  more: (step: { readonly name: string }) => readonly unknown[] = () => [],
): readonly unknown[] {
  if (later.length === 0) return [];
  const steps = later.map((step) => [step.command, ...more(step), ...partsOf(step, hashed)]);
  return [["steps", ...more({ name }), ...steps]];
}

function partsOf({ options }: Job | Step, hashed: readonly Hashed[]): readonly unknown[] {
  const values: Readonly<Record<string, unknown>> = { ...options };
  return hashed.flatMap(({ name, identity: { later } }) => {
    const value = values[name] ?? undefined;
    if (later === undefined) return [value ?? null];
    const part = value === undefined ? undefined : later(value);
    return part === undefined ? [] : [part];
  });
}

function hashOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
