import type { StatementSync } from "node:sqlite";
import type { JournalRecord } from "../../journal.ts";
import { countRows } from "./count-rows.ts";
import { checkedColumns, ID } from "./schema.ts";
import type { Database } from "../sqlite.ts";
import { valuesOf } from "./stored-columns.ts";

/** Which records; all conditions hold at once. */
export interface RecordFilter {
  /** Of this run. */
  readonly run?: number;
  /** To this request. */
  readonly key?: string;
  readonly outcome?: JournalRecord["outcome"];
}

/** The {@linkcode checkedColumns}, and `is_settled`: whether the run was done with the row. */
function select(version: number): string {
  return `SELECT ${checkedColumns(version)},
    row < (SELECT settled FROM run WHERE run.id = answer.run) AS is_settled FROM answer`;
}

/** Most rows of one key that are looked at. */
const MAX_OF_KEY = 1000;

/**
 * Finds the rows of `answer` with a key, the latest first, as {@linkcode readRecords} gives them; so many at most, as
 * somebody may have made an index without an end.
 */
export function recordsOfKey(database: Database, version: number): StatementSync {
  return numbered(database.prepare(`${select(version)} WHERE key = ? ORDER BY id DESC LIMIT ${MAX_OF_KEY}`));
}

/**
 * The rows of `answer` that are there when it starts, oldest first: the {@linkcode checkedColumns} and
 * `is_settled`. Each is read apart: a reader that stops half-way holds no snapshot, which would keep the
 * writer's log from being emptied.
 */
export function* readRecords(
  database: Database,
  version: number,
  filter: RecordFilter = {},
): Generator<readonly unknown[]> {
  // A condition makes SQLite pass over rows one by one, which an attacker's file can make endless.
  if (filter.run !== undefined || filter.outcome !== undefined) countRows(database, "answer NOT INDEXED");
  const names = (["run", "key", "outcome"] as const).filter((name) => filter[name] !== undefined);
  const next = numbered(
    database.prepare(
      `${select(version)} WHERE id > ? AND id <= ? ${names.map((name) => `AND ${name} = ?`).join(" ")}
      ORDER BY id LIMIT 1`,
    ),
  );
  const values = names.map((name) => filter[name] ?? null);
  const last = database.prepare("SELECT max(id) AS id FROM answer").get()?.["id"] ?? 0;
  for (let id: unknown = 0; ;) {
    const row = valuesOf(next.get(Number(id), Number(last), ...values))?.map(toNumber);
    if (row === undefined) return;
    yield row;
    id = row[ID];
  }
}

/** Rows as arrays, in which a damaged number may be of any size. */
function numbered(statement: StatementSync): StatementSync {
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  return statement;
}

/** A number that JavaScript holds. The largest integers of SQLite become others, which then do not fit their checks. */
export function toNumber(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
