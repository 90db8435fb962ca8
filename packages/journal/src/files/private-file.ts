import { chmod, lstat, open, stat } from "node:fs/promises";
import { hasOtherNames, IS_LINKED } from "./own-place.ts";

/** Readable by its owner alone. */
const PRIVATE = 0o600;

/**
 * Makes a file that only its owner can read; one that exists is left as it is. A link is followed to a file
 * that has something in it; none is made where a link leads to nothing. An empty file is as good as none, unless it has
 * another name as well: whoever gave it this one may want it written.
 *
 * @returns whether it was made
 */
export async function createPrivateFile(path: string): Promise<boolean> {
  try {
    // The umask can only take rights away. A file that exists must not be opened and closed here: that would
    // release the system's locks that this process has on it.
    const handle = await open(path, "wx", PRIVATE);
    await handle.close();
    return true;
  } catch (error) {
    const status = await stat(path).catch(() => undefined);
    const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;
    if (isLink && !(status !== undefined && status.size > 0))
      throw new Error("it is a link to a file that does not exist, or is empty", { cause: error });
    if (status?.isFile() !== true) throw status === undefined ? error : new Error("it is not a file");
    if (status.size === 0 && hasOtherNames(status)) throw new Error(`it ${IS_LINKED}`, { cause: error });
    return false;
  }
}

/** Takes from others the right to read a file, and everything else. */
export async function makePrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) await chmod(path, PRIVATE).catch(() => undefined);
}
