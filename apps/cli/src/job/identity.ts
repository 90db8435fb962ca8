import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { InputDigest } from "@parallel-parrot/formats";
import type { Identity } from "../flags/flag.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { Job } from "./job.ts";

interface Hashed {
  /** The option that holds the value. */
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
 * What makes two runs one: the same input, byte for byte, the same requests and the same output. How fast, how
 * often and at what price is not a part of it. `undefined` where the input cannot be read again.
 */
export function identityOf(job: Job, digest: InputDigest | undefined): string | undefined {
  if (digest === undefined) return undefined;
  return hashOf([job.command, job.input, digest.sha256, ...partsOf(job, IDENTITY)]);
}

/** What makes two runs ask for the same, whatever becomes of the answers; whatever the rows. */
export function askingOf(job: Job): string {
  return hashOf(partsOf(job, ASKING));
}

/**
 * What makes two runs jobs with one product: the same questions about the file of that name, read in the same way.
 * What is in the file, how fast and in which form it is written is not a part of it.
 */
export function productOf(job: Job, folder: string): string {
  return hashOf([job.command, resolve(folder, job.input), ...partsOf(job, PRODUCT)]);
}

function partsOf({ options }: Job, hashed: readonly Hashed[]): readonly unknown[] {
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
