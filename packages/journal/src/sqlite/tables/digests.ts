import { hash } from "node:crypto";
import { BODY, ID, USAGE_COLUMNS } from "./schema.ts";

/**
 * SHA-256 of everything that a record says, its place among the others included.
 *
 * @param values start with the `ANSWER_COLUMNS` as they are stored
 */
export function digestOfAnswer(id: number, values: readonly unknown[]): Uint8Array {
  const body = values[BODY];
  const head = JSON.stringify([
    "answer",
    id,
    ...values.slice(0, BODY).map(asStored),
    body instanceof Uint8Array ? "zstd" : "text",
    ...values.slice(BODY + 1, ID).map(asStored),
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

/** The digest that stands for a manifest, which may be long. */
export function digestOfManifest(json: unknown): string {
  return hash("sha256", String(json), "hex");
}

/**
 * A value as the database has it: a text without halves of surrogate pairs, which UTF-8 cannot hold. An infinite number
 * becomes a text, as JSON would write it as null.
 */
function asStored(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return typeof value === "string" ? value.toWellFormed() : value;
}
