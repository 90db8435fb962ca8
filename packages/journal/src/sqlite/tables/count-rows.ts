import type { Database } from "../sqlite.ts";

/** What a row takes in a file, at least: a place in its page, and what is in it. */
const LEAST_ROW_BYTES = 4;

/**
 * Counts the rows of a table, or the entries of its index. In a file that somebody has made for it, a page stands in
 * many places: 45 kB have more rows than can ever be read. Here that comes to an end, at more rows than fit in the file.
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
  return Math.floor(((pages ?? 0) * (bytes ?? 0)) / LEAST_ROW_BYTES);
}
