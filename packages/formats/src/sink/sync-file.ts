import { fsync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";

const synced = promisify(fsync);

/**
 * Has the operating system put what was written to a file, or the names in a folder, on the disk. By the descriptor:
 * the handles of Yarn's Plug'n'Play have no `sync`.
 */
export async function syncFile(handle: FileHandle): Promise<void> {
  await synced(handle.fd);
}
