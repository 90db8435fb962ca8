import { access, constants, lstat, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { revisionOf } from "./growing-file.ts";
import { partialExists, unwritable } from "./output-errors.ts";
import { ignoreMissing } from "../system-error.ts";

/** A file in which an output grows. */
export interface PartialFile {
  readonly path: string;
  /** Whether one that exists is replaced. */
  readonly replace: boolean;
}

/**
 * Makes way for a partial file. Checks first, before anything is removed, that the finished file can be moved to
 * its name later on.
 */
export async function clearPartial({ path, replace }: PartialFile, target: string): Promise<void> {
  await requireMovable(path, target);
  const existing = await lstat(path).catch(ignoreMissing);
  if (existing === undefined) return;
  if (!replace) throw partialExists(path);
  if (existing.isDirectory()) throw unwritable(path, "it is a directory");
  // A link goes, not what it leads to.
  await rm(path, { force: true });
  await rm(revisionOf(path), { force: true });
}

async function requireMovable(path: string, target: string): Promise<void> {
  const [from, to] = [dirname(path), dirname(target)];
  if (join(await realpath(from), basename(path)) === join(await realpath(to), basename(target))) {
    throw invalidPartial(path, "it is the same file as the output");
  }
  if (resolve(from) === resolve(to)) return;
  await access(to, constants.W_OK);
  if ((await stat(from)).dev !== (await stat(to)).dev) {
    throw invalidPartial(
      path,
      `it must be on the same drive as ${target}, as it is renamed to that at the end`,
    );
  }
}

function invalidPartial(path: string, problem: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use ${path} as the partial file: ${problem}`, {
    file: path,
    option: "partial",
  });
}
