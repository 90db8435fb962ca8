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
  return Math.floor(((pages ?? 0) * (bytes ?? 0)) / LEAST_ROW_BYTES);
}
