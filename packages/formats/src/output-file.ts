import { randomBytes } from "node:crypto";
import { link, lstat, open, realpath, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { outputExists, unwritable, type ByteOutput } from "./byte-output.ts";
import { codeOf } from "./system-error.ts";

/** A file that appears at its name whole or not at all. Until then its bytes are in a temporary file beside it. */
export interface OutputFile extends ByteOutput {
  /** Where the bytes are now; `undefined` for a device or pipe, which has them already. */
  readonly temporaryPath: string | undefined;
  /**
   * Gives the closed file its name, or another that is replaced if it exists. Where its own name is taken by
   * now, the temporary file stays.
   */
  commit(otherName?: string): Promise<void>;
}

/**
 * Opens an output file. Finds at once whether the directory is missing or not writable (`OUTPUT_UNWRITABLE`),
 * and whether the file exists already (`OUTPUT_EXISTS`, unless `overwrite`).
 */
export async function openOutputFile(name: string, overwrite: boolean): Promise<OutputFile> {
  try {
    const existing = await stat(name).catch(ignoreMissing);
    if (existing === undefined) {
      // A link that leads nowhere takes the name as well.
      if (!overwrite && (await lstat(name).catch(ignoreMissing)) !== undefined) throw outputExists(name);
      return await openTemporary(name, name, overwrite);
    }
    if (existing.isDirectory()) throw unwritable(name, "it is a directory");
    // A device or pipe, such as /dev/null: there is nothing to replace.
    if (!existing.isFile()) return openSpecial(name, await open(name, "w"));
    if (!overwrite) throw outputExists(name);
    // A link stays a link, and a private file stays private.
    return await openTemporary(name, await realpath(name), overwrite, existing.mode & 0o777);
  } catch (error) {
    throw codeOf(error) === "ENOENT"
      ? unwritable(name, `the directory ${dirname(name)} does not exist`)
      : asUnwritable(name, error);
  }
}

async function openTemporary(
  name: string,
  target: string,
  overwrite: boolean,
  mode?: number,
): Promise<OutputFile> {
  const path = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  // wx refuses whatever is there, a planted link too.
  const handle = await open(path, "wx");
  // The umask has made these what any new file gets; nobody else reads it before it is finished.
  const finalMode = mode ?? (await handle.stat()).mode & 0o777;
  await changeMode(handle, 0o600);
  return {
    temporaryPath: path,
    write: (bytes) => writeAll(name, handle, bytes),
    async close() {
      await changeMode(handle, finalMode);
      await handle.sync();
      await handle.close();
    },
    async abort() {
      await handle.close();
      await rm(path, { force: true });
    },
    async commit(otherName) {
      const newPath = otherName ?? target;
      try {
        if (overwrite || otherName !== undefined) await rename(path, newPath);
        else await renameToNew(path, newPath);
        await syncDirectory(dirname(newPath));
      } catch (error) {
        throw asUnwritable(newPath, error);
      }
    },
  };
}

function openSpecial(name: string, handle: FileHandle): OutputFile {
  return {
    temporaryPath: undefined,
    write: (bytes) => writeAll(name, handle, bytes),
    close: () => handle.close(),
    abort: () => handle.close(),
    commit: () => Promise.resolve(),
  };
}

async function changeMode(handle: FileHandle, mode: number): Promise<void> {
  // Some mounted drives know no rights.
  await handle.chmod(mode).catch(() => undefined);
}

/** A full disk may show as a short write with no error, so the count is checked. */
async function writeAll(name: string, handle: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, written);
      if (bytesWritten === 0) throw unwritable(name, "the system takes no more bytes");
      written += bytesWritten;
    }
  } catch (error) {
    throw asUnwritable(name, error);
  }
}

/** A plain rename would replace a file that appeared in the meantime. */
async function renameToNew(path: string, target: string): Promise<void> {
  try {
    await link(path, target);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw outputExists(target, path);
    // No hard links here (FAT, some network drives): the next best is to look first.
    if ((await stat(target).catch(ignoreMissing)) !== undefined) throw outputExists(target, path);
    await rename(path, target);
    return;
  }
  await rm(path);
}

async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // Windows and some network drives have no such thing; the file itself is on the disk.
  }
}

function asUnwritable(name: string, error: unknown): unknown {
  return error instanceof Error && error.name === "ParrotError" ? error : unwritable(name, error);
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
