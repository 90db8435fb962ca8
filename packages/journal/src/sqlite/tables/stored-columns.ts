import { isObject, nestingProblem, parseJson, type Usage } from "@parallel-parrot/core";
import type { JournalRecord, KeptRecord, RunState, RunSummary } from "../../journal.ts";
import type { Manifest } from "../../manifest.ts";
import { countRows } from "./count-rows.ts";
import { countValues } from "./count-values.ts";
import { digestOfAnswer, digestOfRun } from "./digests.ts";
import { BATCH_JOB, BODY, ID, USAGE_COLUMNS } from "./schema.ts";
import type { Origin, RunOrigin } from "../../origin.ts";
import type { Seals } from "./seals.ts";
import type { Database } from "../sqlite.ts";
import { unpackBody } from "./stored-body.ts";

type Columns = Record<string, unknown>;

/** Who made a run; those of version 1 have no checks. */
export function originOfRun(columns: Columns, seals: Seals): RunOrigin {
  const { sha256 = null, seal = null } = columns;
  return seals.originOfRun(digestOfRun(columns), [sha256, seal]);
}

/** A row from a statement with `setReturnArrays`. */
export function valuesOf(row: unknown): readonly unknown[] | undefined {
  return Array.isArray(row) ? row : undefined;
}

/** A row of the `checkedColumns`. */
export function toRecord(values: readonly unknown[], isSettled: boolean, isOwn: boolean = true): KeptRecord {
  const [key, run, row, replicate, outcome, code, status, body] = values;
  const [cost, attempts, sentAt, durationMs] = values.slice(14);
  const { [BATCH_JOB]: job = null } = values;
  return {
    key: String(key),
    run: Number(run),
    row: Number(row),
    replicate: Number(replicate),
    outcome: outcomeOf(outcome),
    ...(typeof code === "string" ? { code } : {}),
    status: Number(status),
    body: unpackBody(body, isOwn),
    usage: usageOf(values.slice(8, 14)),
    ...(typeof cost === "number" ? { cost } : {}),
    attempts: Number(attempts),
    sentAt: Number(sentAt),
    durationMs: Number(durationMs),
    ...(job === null ? {} : { batchJob: Number(job) }),
    isSettled,
  };
}

/** A record that is damaged or somebody else's: a body that cannot be read, or is too long, is empty. */
export function toOthersRecord(values: readonly unknown[], isSettled: boolean): KeptRecord {
  try {
    return toRecord(values, isSettled, false);
  } catch {
    return toRecord(values.with(BODY, ""), isSettled, false);
  }
}

/** @param values the `checkedColumns` */
export function originOf(values: readonly unknown[], seals: Seals): Origin {
  return seals.originOf(digestOfAnswer(Number(values[ID]), values), [values[ID + 1], values[ID + 2]]);
}

/** About how many bytes all runs may take in memory: enough for thousands of long prompts. */
const MAX_RUNS_BYTES = 256 * 2 ** 20;
/** Bytes that a run or a job takes besides its text. */
const ROW_BYTES = 512;
/** Most values in the manifests of all runs: a run has some fifty, and an empty list takes ten times its text. */
const MAX_VALUES = 2_000_000;

/** All runs, oldest first. @throws where they would not fit in memory, or have no end */
export function readRuns(database: Database, seals: Seals): readonly RunSummary[] {
  countRows(database, "run");
  if (bytesOfRows(database, "run") > MAX_RUNS_BYTES) throw tooLarge();
  const rows = database.prepare("SELECT * FROM run ORDER BY id").all();
  let values = 0;
  for (const { manifest } of rows) values += countValues(String(manifest));
  if (values > MAX_VALUES) throw tooLarge();
  return rows.map((columns) => toRun(columns, seals));
}

/** The bytes of all rows of a table in memory: somebody else may have made each of their texts of any length. */
export function bytesOfRows(database: Database, table: "run" | "batch_job"): number {
  const columns = database.prepare(
    `SELECT name FROM pragma_table_info('${table}') WHERE type IN ('TEXT', 'BLOB')`,
  );
  const lengths = columns.all().map(({ name }) => `coalesce(octet_length(${String(name)}), 0)`);
  const size = database.prepare(`SELECT sum(${[ROW_BYTES, ...lengths].join(" + ")}) AS bytes FROM ${table}`);
  return Number(size.get()?.["bytes"]);
}

function tooLarge(): Error {
  return new Error(
    `its runs need more than ${MAX_RUNS_BYTES} bytes of memory; move it away, or name another journal`,
  );
}

/** A row of `run`. */
function toRun(columns: Columns, seals: Seals): RunSummary {
  const { identity } = columns;
  return {
    id: Number(columns["id"]),
    origin: originOfRun(columns, seals),
    identity: typeof identity === "string" ? identity : undefined,
    manifest: parseManifest(columns["manifest"]),
    state: stateOf(columns["state"]),
    startedAt: Number(columns["started_at"]),
    touchedAt: Number(columns["touched_at"]),
    settled: Number(columns["settled"]),
    usage: usageOf(USAGE_COLUMNS.map((name) => columns[name])),
    cost: Number(columns["cost"]),
  };
}

/** @param values of the {@linkcode USAGE_COLUMNS} */
function usageOf(values: readonly unknown[]): Usage {
  const [requests, inputTokens, outputTokens, cachedInputTokens, reasoningTokens, cacheWriteTokens] = values;
  return {
    requests: Number(requests),
    inputTokens: Number(inputTokens),
    outputTokens: Number(outputTokens),
    cachedInputTokens: Number(cachedInputTokens),
    reasoningTokens: Number(reasoningTokens),
    ...(Number(cacheWriteTokens) > 0 ? { cacheWriteTokens: Number(cacheWriteTokens) } : {}),
  };
}

/** The most levels of lists and objects in a manifest: shown indented, more would be mostly spaces. */
const MAX_LEVELS = 64;

/** Why something cannot be a manifest; `undefined` where it can. */
export function manifestProblem(manifest: unknown): string | undefined {
  return nestingProblem(manifest, MAX_LEVELS);
}

/** A manifest from its JSON text; empty where it is damaged, or nested deeper than any that was begun with. */
export function parseManifest(json: unknown): Manifest {
  try {
    const manifest = parseJson(String(json));
    return isObject(manifest) && manifestProblem(manifest) === undefined ? { ...manifest } : {};
  } catch {
    return {};
  }
}

function stateOf(value: unknown): RunState {
  return value === "finished" || value === "stopped" ? value : "running";
}

function outcomeOf(value: unknown): JournalRecord["outcome"] {
  return value === "empty" || value === "failure" ? value : "answer";
}
