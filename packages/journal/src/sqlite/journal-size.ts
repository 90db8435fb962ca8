import { stat } from "node:fs/promises";
import type { Database } from "./sqlite.ts";
import { countRows } from "./tables/count-rows.ts";

/** How much a journal holds. */
export interface JournalSize {
  readonly records: number;
  /** What it takes on the disk, its write-ahead log included. */
  readonly bytes: number;
}

export async function sizeOf(path: string, database: Database): Promise<JournalSize> {
  const records = countRows(database, "answer");
  const sizes = await Promise.all(
    [path, `${path}-wal`].map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0),
  );
  return { records, bytes: sizes.reduce((sum, size) => sum + size) };
}
