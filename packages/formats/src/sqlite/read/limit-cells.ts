import type { DatabaseSync } from "node:sqlite";

/** All cells of a row together may take as much as so many records, until they are counted. */
const RECORDS = 64;
/** No cell is refused that takes less, however many columns there are. */
const LEAST_BYTES: number = 2 ** 20;
/** And none that takes more, unless a record may: JavaScript has no longer texts than twice as long. */
const MOST_BYTES: number = 2 ** 28;
/** SQLite's own limit. */
const SQLITE_MOST_BYTES = 1_000_000_000;

/**
 * Has SQLite refuse cells that are too large. A row is handed over as a whole, and a view of a few bytes can have
 * thousands of cells of a gigabyte. Node.js 22 has no such limit.
 */
export function limitCells(database: DatabaseSync, columns: number, maxRecordBytes: number): void {
  if (!("limits" in database)) return;
  const share = Math.floor((RECORDS * maxRecordBytes) / Math.max(columns, 1));
  const most = Math.min(Math.max(MOST_BYTES, maxRecordBytes), SQLITE_MOST_BYTES);
  database.limits.length = Math.min(Math.max(share, LEAST_BYTES), most);
}
