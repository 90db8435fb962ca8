import { randomBytes } from "node:crypto";
import { lstat, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { leadsOut } from "../leads-out.ts";
import type { ByteOutput } from "./byte-output.ts";
import { GrowingFile } from "./growing-file.ts";
import { asUnwritable, outputElsewhere, outputExists, partialExists, unwritable } from "./output-errors.ts";
import { clearPartial, type PartialFile } from "./partial-file.ts";
import { codeOf, ignoreMissing } from "../system-error.ts";
import { writeAll } from "./write-all.ts";

/** How to open an output file. */
export interface OutputFileOptions {
  /** Whether a file that exists may be replaced. */
  readonly overwrite: boolean;
  /** Where the file grows. @default a name of its own beside it, which an abort removes */
  readonly partial: PartialFile | undefined;
}

/**
 * Opens an output file. Finds at once whether a directory is missing or not writable (`OUTPUT_UNWRITABLE`), and
 * whether the file exists already (`OUTPUT_EXISTS`, unless `overwrite`). A device or pipe is written as it is. Whoever
 * has made a folder may have made a link in it to any file of whoever uses it, and to a pipe that another program takes
 * commands from: one that leads out of its folder is `OUTPUT_EXISTS` also with `overwrite`.
 */
export async function openOutputFile(
  name: string,
  options: OutputFileOptions,
): Promise<GrowingFile | ByteOutput> {
  try {
    const file = await requireOutputFile(name, options);
    return file === undefined
      ? specialOutput(name, await open(name, "w"))
      : await openGrowing(name, file.target, file.mode, options);
  } catch (error) {
    throw codeOf(error) === "ENOENT" ? missingDirectory(name, name) : asUnwritable(name, error);
  }
}

/** A file that an output becomes. */
interface FileToBe {
  /** Its name, behind the link that the output may be. */
  readonly target: string;
  /** The rights of the file that it replaces. */
  readonly mode: number | undefined;
}

/**
 * Refuses what {@linkcode openOutputFile} would refuse of the name alone, and makes nothing. `undefined` for a device
 * or pipe, where there is nothing to replace.
 */
export async function requireOutputFile(
  name: string,
  { overwrite }: Pick<OutputFileOptions, "overwrite">,
): Promise<FileToBe | undefined> {
  const existing = await stat(name).catch(ignoreMissing);
  if (existing === undefined) {
    // A link that leads nowhere takes the name as well.
    if (!overwrite && (await lstat(name).catch(ignoreMissing)) !== undefined) throw outputExists(name);
    return { target: name, mode: undefined };
  }
  if (existing.isDirectory()) throw unwritable(name, "it is a directory");
  if (!existing.isFile()) {
    await requireNamed(name);
    return undefined;
  }
  if (!overwrite) throw outputExists(name);
  // A link stays a link, and a private file stays private.
  return { target: await realTarget(name), mode: existing.mode & 0o777 };
}

/** Folders whose links lead to what a process has open, such as `/dev/stdout`; nobody else makes links there. */
const OPEN_FILES = /^\/(?:dev(?:\/fd)?|proc\/\d+(?:\/task\/\d+)?\/fd)$/;

/** Refuses a device or pipe to which a link leads out of its folder. */
async function requireNamed(name: string): Promise<void> {
  if (!(await lstat(name)).isSymbolicLink()) return;
  if (!OPEN_FILES.test(await realpath(dirname(name)))) await realTarget(name);
}

async function realTarget(name: string): Promise<string> {
  const folder = await realpath(dirname(name));
  // A pipe without a name has no real path.
  const target = await realpath(name).catch(async () => resolve(folder, await readlink(name)));
  if (leadsOut(folder, target)) throw outputElsewhere(name, target);
  return target;
}

async function openGrowing(
  name: string,
  target: string,
  mode: number | undefined,
  { overwrite, partial }: OutputFileOptions,
): Promise<GrowingFile> {
  if (partial === undefined) {
    const path = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
    return await GrowingFile.open({ name, path, target, overwrite, mode, stays: false });
  }
  const { path } = partial;
  try {
    await clearPartial(partial, target);
    return await GrowingFile.open({ name, path, target, overwrite, mode, stays: true });
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw partialExists(path);
    throw codeOf(error) === "ENOENT" ? missingDirectory(name, path) : asUnwritable(path, error);
  }
}

function missingDirectory(name: string, path: string): Error {
  return unwritable(name, `the directory ${dirname(path)} does not exist`);
}

function specialOutput(name: string, handle: FileHandle): ByteOutput {
  const throwUnwritable = (error: unknown): never => {
    throw unwritable(name, error);
  };
  return {
    write: (bytes) => writeAll(handle, bytes, null).catch(throwUnwritable),
    close: () => handle.close().catch(throwUnwritable),
    abort: () => handle.close(),
  };
}
