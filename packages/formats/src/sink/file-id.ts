import type { BigIntStats } from "node:fs";
import { fstat } from "node:fs";
import { readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { codeOf } from "../system-error.ts";

/** Systems on whose usual drives `Out.csv` and `out.csv` are one name. */
const IGNORE_CASE: ReadonlySet<string> = new Set(["darwin", "win32"]);

/**
 * An id of a file, the same whatever name leads to it: hard and symbolic links, `.` and `..`, another case where the
 * drive ignores it. Equal for two names that lead to one file, also where there is no file yet. `undefined` for
 * what writing does not replace: a directory, a pipe, a terminal, a device. A number is an open file.
 */
export async function fileId(file: string | number): Promise<string | undefined> {
  const status = await statusOf(file);
  if (status !== undefined) return status.isFile() ? `${status.dev} ${status.ino}` : undefined;
  if (typeof file === "number") return undefined;
  const place = await placeOf(resolve(file));
  return IGNORE_CASE.has(process.platform) ? place.toLowerCase() : place;
}

async function statusOf(file: string | number): Promise<BigIntStats | undefined> {
  try {
    return typeof file === "number"
      ? await promisify(fstat)(file, { bigint: true })
      : await stat(file, { bigint: true });
  } catch {
    // Whoever opens it will say why it cannot be looked at.
    return undefined;
  }
}

/** Where a file that does not exist would be made: links in its folder, and links that lead nowhere, are followed. */
async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) return path;
  }
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return placeOf(resolve(dirname(path), target));
  return join(await placeOf(dirname(path)), basename(path));
}
