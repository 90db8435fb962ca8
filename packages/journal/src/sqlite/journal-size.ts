import { stat } from "node:fs/promises";
import type { Database } from "./sqlite.ts";

/** How much a journal holds. */
export interface JournalSize {
  readonly records: number;
  /** What it takes on the disk, its write-ahead log included. */
  readonly bytes: number;
}

export async function sizeOf(path: string, database: Database): Promise<JournalSize> {
  const records = Number(database.prepare("SELECT count(*) AS n FROM answer").get()?.["n"]);
  const sizes = await Promise.all(
    [path, `${path}-wal`].map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0),
  );
  return { records, bytes: sizes.reduce((sum, size) => sum + size) };
}
