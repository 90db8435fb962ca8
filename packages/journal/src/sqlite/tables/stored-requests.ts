import { createHash } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import type { BatchedRequest } from "../../batch-jobs.ts";
import type { Database } from "../sqlite.ts";

/** The most requests of one job; no API is known that takes as many. */
export const MAX_REQUESTS = 2_000_000;
/** Requests that are read in one go. */
const STRETCH = 1000;

/**
 * The requests of a job, by key. They are read a stretch at a time: a reader that stops half-way holds no snapshot, which
 * would keep the writer's log from being emptied.
 *
 * @param most of them, as somebody may have made an index without an end
 */
export function* readRequests(database: Database, job: number, most: number): Generator<BatchedRequest> {
  const stretch = stretchOf(database);
  let last = "";
  for (let count = 0; count < most;) {
    const rows = stretch.all(job, last, Math.min(STRETCH, most - count));
    for (const { key, row, replicate, attempts } of rows) {
      last = String(key);
      yield { key: last, row: Number(row), replicate: Number(replicate), attempts: Number(attempts) };
    }
    if (rows.length < STRETCH) return;
    count += rows.length;
  }
}

function stretchOf(database: Database): StatementSync {
  return database.prepare(
    "SELECT key, row, replicate, attempts FROM batch_request WHERE job = ? AND key > ? ORDER BY key LIMIT ?",
  );
}

/** SHA-256 of the requests of a job; another one if it has more than it says. */
export function digestOfRequests(database: Database, job: number, count: number): Uint8Array {
  const digest = createHash("sha256");
  for (const { key, row, replicate, attempts } of readRequests(database, job, count + 1))
    digest.update(`${JSON.stringify([key, row, replicate, attempts])}\n`);
  return digest.digest();
}
