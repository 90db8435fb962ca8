import { chmod, open, stat } from "node:fs/promises";

/** Readable by its owner alone. */
const PRIVATE = 0o600;

/** Makes a file that only its owner can read; one that exists is left as it is, but for its rights. */
export async function createPrivateFile(path: string): Promise<void> {
  try {
    // The umask can only take rights away. A file that exists must not be opened and closed here: that would
    // release the system's locks that this process has on it.
    const handle = await open(path, "wx", PRIVATE);
    await handle.close();
  } catch (error) {
    const status = await stat(path).catch(() => undefined);
    if (status?.isFile() !== true) throw status === undefined ? error : new Error("it is not a file");
    if ((status.mode & 0o077) !== 0) await chmod(path, PRIVATE).catch(() => undefined);
  }
}
