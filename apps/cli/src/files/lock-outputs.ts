import { stat } from "node:fs/promises";
import { isParrotError, messageOf, ParrotError } from "@parallel-parrot/core";
import { lockOutput } from "@parallel-parrot/journal";
import { failedNameOf } from "../failed/failed-path.ts";
import type { OutputPlace } from "../output/output-place.ts";
import { say } from "../terminal/report.ts";

/** A file that a command writes, and the option that gives it another name. */
export type CommandOutput = readonly [path: string, option: string];

/** The outputs of a command and its list of failed rows. The folder stands for the files in it, which may be thousands. */
export function outputsOf(place: OutputPlace, failed: string | undefined): readonly CommandOutput[] {
  const list = failedNameOf(failed, place.path);
  return [
    ...(place.kind === "folder" ? [place.path] : place.names).map((name) => [name, place.option] as const),
    ...(list === undefined ? [] : [[list, "--failed"] as const]),
  ];
}

/**
 * Runs a function as the only process that writes these outputs. A second process would pay for all answers once more,
 * and one of the two outputs would be lost.
 *
 * @throws ParrotError `OUTPUT_IN_USE`
 */
export async function withLockedOutputs<T>(
  outputs: readonly CommandOutput[],
  run: () => Promise<T>,
): Promise<T> {
  const locks: (() => Promise<void>)[] = [];
  try {
    for (const [path, option] of outputs) {
      if (await isReplaced(path)) locks.push(await lock(path, option));
    }
    return await run();
  } finally {
    for (const unlock of locks) await unlock();
  }
}

/** Whether writing to a path replaces a file or folder. A pipe or a device may have several writers. */
async function isReplaced(path: string): Promise<boolean> {
  if (path === "-") return false;
  const status = await stat(path).catch(() => undefined);
  return status === undefined || status.isFile() || status.isDirectory();
}

async function lock(path: string, option: string): Promise<() => Promise<void>> {
  try {
    return await lockOutput(path);
  } catch (error) {
    if (isParrotError(error) && error.code === "OUTPUT_IN_USE")
      throw new ParrotError("OUTPUT_IN_USE", `${error.message} with ${option}`, {
        file: path,
        option,
        cause: error,
      });
    // Opening the output tells of a missing or read-only folder. Some drives have no locks.
    if (!isMissing(error))
      say(`${path} could not be locked (${messageOf(error)}): make sure that no other run writes it`);
    return () => Promise.resolve();
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EROFS" || code === "EPERM";
}
