import { hash } from "node:crypto";
import { BATCH_JOB, BODY, USAGE_COLUMNS } from "./schema.ts";

/**
 * SHA-256 of everything that a record says, its place among the others included. A record of no job has the one that
 * it had before there were jobs.
 *
 * @param values start with the `ANSWER_COLUMNS` and `batch_job` as they are stored
 */
export function digestOfAnswer(id: number, values: readonly unknown[]): Uint8Array {
  const { [BODY]: body, [BATCH_JOB]: job = null } = values;
  const head = JSON.stringify([
    "answer",
    id,
    ...values.slice(0, BODY).map(asStored),
    body instanceof Uint8Array ? "zstd" : "text",
    ...values.slice(BODY + 1, job === null ? BATCH_JOB : BATCH_JOB + 1).map(asStored),
  ]);
  if (body instanceof Uint8Array)
    return hash("sha256", Buffer.concat([Buffer.from(`${head}\n`), body]), "buffer");
  return hash("sha256", `${head}\n${String(body)}`, "buffer");
}

/**
 * SHA-256 of everything that a run says, but for when it was last used.
 *
 * @param columns of its row by name
 */
export function digestOfRun(
  columns: Readonly<Record<string, unknown>>,
  manifest: string = digestOfManifest(columns["manifest"]),
): Uint8Array {
  const { id, identity, state, started_at: startedAt, settled, cost } = columns;
  const usage = USAGE_COLUMNS.map((name) => columns[name]);
  return hash(
    "sha256",
    JSON.stringify([
      "run",
      id,
      asStored(identity),
      manifest,
      state,
      startedAt,
      settled,
      ...usage,
      asStored(cost),
    ]),
    "buffer",
  );
}

/**
 * SHA-256 of everything that a job says; what it does not say has no part in it.
 *
 * @param columns of its row by name
 */
export function digestOfJob(columns: Readonly<Record<string, unknown>>): Uint8Array {
  const { id, keys, sha256: _, seal: __, ...others } = columns;
  const values = Object.entries(others)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, asStored(value)]);
  return hash("sha256", JSON.stringify(["batch_job", id, hexOf(keys), ...values]), "buffer");
}

/** The digest that stands for a manifest, which may be long. */
export function digestOfManifest(json: unknown): string {
  return hash("sha256", String(json), "hex");
}

function hexOf(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("hex") : String(bytes);
}

/**
 * A value as the database has it: a text without halves of surrogate pairs, which UTF-8 cannot hold. An infinite number
 * becomes a text, as JSON would write it as null.
 */
function asStored(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return typeof value === "string" ? value.toWellFormed() : value;
}
