import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";

/** What the file for failed rows is chosen by. */
export interface FailedPathOptions {
  readonly failed?: string | undefined;
  readonly outputPath: string;
  readonly overwrite: boolean;
  /** Whether a file is one that an earlier run can write again. @default none is */
  readonly isOurs?: (path: string) => Promise<boolean>;
}

/**
 * Where failed rows go: as told, or beside the output; `undefined` when the output is standard output. Whatever
 * would keep them from being written is told now.
 */
export async function failedPathOf(
  input: string,
  { failed, outputPath, overwrite, isOurs = () => Promise.resolve(false) }: FailedPathOptions,
): Promise<string | undefined> {
  if (failed === undefined && outputPath === "-") return undefined;
  const path = failed ?? `${outputPath}.failed.jsonl`;
  const place = { file: path, option: "--failed" };
  if (path === "-" || resolve(path) === resolve(input) || resolve(path) === resolve(outputPath)) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot write failed rows to ${path}: that is the input, the output or a standard stream; name another file with --failed`,
      place,
    );
  }
  if (!overwrite && (await stat(path).catch(() => undefined)) !== undefined && !(await isOurs(path))) {
    throw new ParrotError(
      "OUTPUT_EXISTS",
      `Cannot write failed rows to ${path}: it exists; name another file with --failed, or replace it with --overwrite`,
      place,
    );
  }
  // Beside the output there is nothing to check that the output itself is not checked for.
  if (failed === undefined) return path;
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new ParrotError(
      "OUTPUT_UNWRITABLE",
      `Cannot write failed rows to ${path}: the directory ${dirname(path)} is not there or not writable`,
      { ...place, cause },
    );
  });
  return path;
}
