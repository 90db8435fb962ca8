import type { StatementSync } from "node:sqlite";
import type { JournalRecord } from "./journal.ts";
import { ANSWER_COLUMNS } from "./schema.ts";
import type { Database } from "./sqlite.ts";
import { valuesOf } from "./stored-columns.ts";

/** Which records; all conditions hold at once. */
export interface RecordFilter {
  /** Of this run. */
  readonly run?: number;
  /** To this request. */
  readonly key?: string;
  readonly outcome?: JournalRecord["outcome"];
}

/** The {@linkcode ANSWER_COLUMNS}, `id`, and `is_settled`: whether the run was done with the row. */
const RECORDS = `SELECT ${ANSWER_COLUMNS}, id,
  row < (SELECT settled FROM run WHERE run.id = answer.run) AS is_settled FROM answer`;

/** Finds the latest row of `answer` with a key, as {@linkcode readRecords} gives it. */
export function latestRecord(database: Database): StatementSync {
  const latest = database.prepare(`${RECORDS} WHERE key = ? ORDER BY id DESC LIMIT 1`);
  latest.setReturnArrays(true);
  return latest;
}

/**
 * The rows of `answer` that are there when it starts, oldest first: the {@linkcode ANSWER_COLUMNS}, `id`,
 * `is_settled`. Each is read apart: a reader that stops half-way holds no snapshot, which would keep the
 * writer's log from being emptied.
 */
export function* readRecords(database: Database, filter: RecordFilter = {}): Generator<readonly unknown[]> {
  const names = (["run", "key", "outcome"] as const).filter((name) => filter[name] !== undefined);
  const next = database.prepare(
    `${RECORDS} WHERE id > ? AND id <= ? ${names.map((name) => `AND ${name} = ?`).join(" ")}
    ORDER BY id LIMIT 1`,
  );
  next.setReturnArrays(true);
  const values = names.map((name) => filter[name] ?? null);
  const last = database.prepare("SELECT max(id) AS id FROM answer").get()?.["id"] ?? 0;
  for (let id: unknown = 0; ;) {
    const row = valuesOf(next.get(Number(id), Number(last), ...values));
    if (row === undefined) return;
    yield row;
    id = row.at(-2);
  }
}
