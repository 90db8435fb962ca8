import type { JobEnd, JobFilter, OpenJobState, StoredJob } from "../../batch-jobs.ts";
import { digestOfJob } from "./digests.ts";
import { bytesOfRows, parseManifest } from "./stored-columns.ts";
import { countRows } from "./count-rows.ts";
import { digestOfRequests, MAX_REQUESTS } from "./stored-requests.ts";
import type { Origin } from "../../origin.ts";
import type { Seals } from "./seals.ts";
import type { Database } from "../sqlite.ts";

/** A row of `batch_job` by the names of its columns. */
export type JobColumns = Readonly<Record<string, unknown>>;

const OPEN_STATES: readonly string[] = [
  "planned",
  "uploaded",
  "creating",
  "open",
  "cancelling",
  "ended",
] satisfies OpenJobState[];
const ENDS: readonly string[] = ["harvested", "refused", "abandoned"] satisfies JobEnd[];

/** About how many bytes all jobs may take in memory: a job has some kilobytes. */
const MAX_JOBS_BYTES = 64 * 2 ** 20;

/** The rows of all jobs, oldest first. @throws where they would not fit in memory, or have no end */
export function jobRows(database: Database): readonly JobColumns[] {
  countRows(database, "batch_job");
  if (bytesOfRows(database, "batch_job") > MAX_JOBS_BYTES)
    throw new Error(
      `its batch jobs need more than ${MAX_JOBS_BYTES} bytes of memory; move it away, or name another journal`,
    );
  return database.prepare("SELECT * FROM batch_job ORDER BY id").all();
}

/** The row of one job. */
export function jobRow(database: Database, job: number): JobColumns | undefined {
  return database.prepare("SELECT * FROM batch_job WHERE id = ?").get(job);
}

/** Whether the end of a job is not known yet. A state that no version has kept is no end. */
export function isOpenJob({ state }: JobColumns): boolean {
  return !ENDS.includes(String(state));
}

/** The jobs that a filter asks for. */
export function readJobs(
  database: Database,
  { open }: JobFilter,
  originOf: (columns: JobColumns) => Origin,
): readonly StoredJob[] {
  return jobRows(database)
    .filter((columns) => open === undefined || isOpenJob(columns) === open)
    .map((columns) => toJob(columns, originOf(columns)));
}

/** Who made a job. An open one is damaged also if its requests are not those that it was planned with. */
export function originOfJob(database: Database, columns: JobColumns, seals: Seals): Origin {
  const { id, requests, keys, sha256, seal } = columns;
  const origin = seals.originOf(digestOfJob(columns), [sha256, seal]);
  if (origin === "damaged" || !isOpenJob(columns)) return origin;
  if (Number(requests) > MAX_REQUESTS) return "damaged";
  const found = digestOfRequests(database, Number(id), Number(requests));
  return keys instanceof Uint8Array && Buffer.compare(keys, found) === 0 ? origin : "damaged";
}

/** A row of `batch_job`, also one that somebody else has made. */
export function toJob(columns: JobColumns, origin: Origin): StoredJob {
  const { reserved_tokens: tokens, reserved_cost: reserved, price_factor: priceFactor, state } = columns;
  return {
    id: Number(columns["id"]),
    run: Number(columns["run"]),
    origin,
    provider: String(columns["provider"]),
    url: String(columns["url"]),
    model: String(columns["model"]),
    name: String(columns["name"]),
    state: stateOf(state),
    requests: Number(columns["requests"]),
    bytes: Number(columns["bytes"]),
    inputTokens: Number(columns["input_tokens"]),
    ...(typeof tokens === "number" && typeof reserved === "number"
      ? { reserved: { tokens, cost: reserved } }
      : {}),
    ...(typeof priceFactor === "number" ? { priceFactor } : {}),
    answers: Number(columns["answers"]),
    cost: Number(columns["cost"]),
    createdAt: Number(columns["created_at"]),
    ...changesOf(columns),
  };
}

function changesOf(columns: JobColumns): Partial<StoredJob> {
  const { file, remote, known, view, error } = columns;
  const { sent_at: sentAt, expires_at: expiresAt, ended_at: endedAt } = columns;
  return {
    ...(typeof file === "string" ? { file } : {}),
    ...(typeof remote === "string" ? { remote } : {}),
    ...(typeof known === "string" ? { known: parseIds(known) } : {}),
    ...(typeof view === "string" ? { view: parseManifest(view) } : {}),
    ...(typeof error === "string" ? { error } : {}),
    ...(typeof sentAt === "number" ? { sentAt } : {}),
    ...(typeof expiresAt === "number" ? { expiresAt } : {}),
    ...(typeof endedAt === "number" ? { endedAt } : {}),
  };
}

function parseIds(json: string): readonly string[] {
  const ids = parseManifest(`{"ids":${json}}`)["ids"];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

/** A state that nobody knows counts as running, as at an API. */
function stateOf(value: unknown): StoredJob["state"] {
  const state = String(value);
  return isState(state) ? state : "open";
}

function isState(state: string): state is StoredJob["state"] {
  return OPEN_STATES.includes(state) || ENDS.includes(state);
}
