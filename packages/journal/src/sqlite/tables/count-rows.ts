import { statSync } from "node:fs";
import type { Database } from "../sqlite.ts";

/** The least that a row takes in a file: its place in the page, and its content. */
const LEAST_ROW_BYTES = 4;

/**
 * Counts the rows of a table, or the entries of its index. An attacker's file can name one page in many places, so that
 * 45 kB have more rows than can ever be read. Counting ends when there are more rows than fit in the file.
 *
 * @param source a table, and how it is read: `answer NOT INDEXED`
 * @throws where there are more
 */
export function countRows(database: Database, source: string): number {
  const most = mostRows(database);
  const rows = database.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${source} LIMIT ?)`).get(most + 1);
  const count = Number(rows?.["n"]);
  if (count > most)
    throw new Error("it claims more rows than its file can hold, so it was tampered with or is damaged");
  return count;
}

function mostRows(database: Database): number {
  const [pages, bytes] = ["page_count", "page_size"].map((name) =>
    Number(database.prepare(`PRAGMA ${name}`).get()?.[name]),
  );
  const claimed = (pages ?? 0) * (bytes ?? 0);
  return Math.floor(Math.min(claimed, roomOf(database.location())) / LEAST_ROW_BYTES);
}

/** So many bytes may be in a file whatever it takes on the disk: that many rows are counted in a second or two. */
const LEAST_ROOM = 64 * 2 ** 20;
/** How much more than it takes on the disk a file may hold where the disk compresses: signatures hardly shrink. */
const MOST_COMPRESSED = 64;
/** The unit of `blocks`, whatever the disk's blocks are. */
const BLOCK_BYTES = 512;

/** About what a file and its log can hold: one with holes has any length that it claims, in a few kB of an archive. */
function roomOf(path: string | null): number {
  if (path === null) return Infinity;
  const blocks = [path, `${path}-wal`].map((name) => statSync(name, { throwIfNoEntry: false })?.blocks ?? 0);
  const bytes = BLOCK_BYTES * blocks.reduce((sum, count) => sum + count);
  // Some drives do not tell.
  return bytes === 0 ? Infinity : Math.max(LEAST_ROOM, MOST_COMPRESSED * bytes);
}
