import { access, constants, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { formatOf, isKnownName } from "@parallel-parrot/formats";

/** Options of {@linkcode failedPathOf}. */
export interface FailedPathOptions {
  readonly failed?: string | undefined;
  readonly outputPath: string;
  readonly overwrite: boolean;
  /** Whether this job can write a file again, as an earlier run of it has written that; without a journal nobody knows. */
  readonly isOurs?: ((path: string) => Promise<boolean>) | undefined;
}

/** The file for failed rows: as given, or beside the output; `undefined` where the output is standard output. */
export function failedNameOf(failed: string | undefined, output: string): string | undefined {
  if (failed !== undefined) return failed;
  // `.` and `..` are no beginning of a name.
  if (/^\.{1,2}$/.test(basename(output))) return join(output, "failed.jsonl");
  return output === "-" ? undefined : `${output}.failed.jsonl`;
}

/** {@linkcode failedNameOf}, and throws where failed rows could not be written there. */
export async function failedPathOf({
  failed,
  outputPath,
  overwrite,
  isOurs,
}: FailedPathOptions): Promise<string | undefined> {
  const path = failedNameOf(failed, outputPath);
  if (path === undefined) return undefined;
  const place = { file: path, option: "--failed" };
  if (path === "-") {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot write failed rows to a standard stream; name a file with --failed",
      place,
    );
  }
  const problem = nameProblem(path);
  if (problem !== undefined)
    throw new ParrotError("INVALID_OPTION", `Cannot write failed rows to ${path}: ${problem}`, place);
  const exists = !overwrite && (await stat(path).catch(() => undefined)) !== undefined;
  if (exists && (await isOurs?.(path)) !== true) {
    const [why, unless] =
      isOurs === undefined
        ? ["", ""]
        : [", and it is not as an earlier run of this job left it", " unless this run has all of its rows"];
    throw new ParrotError(
      "OUTPUT_EXISTS",
      `Cannot write failed rows to ${path}: it exists${why}. Move it away, name another file with --failed, or use --overwrite, which keeps it under another name${unless}`,
      place,
    );
  }
  // The folder of the output is checked when the output is opened.
  if (failed === undefined) return path;
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new ParrotError(
      "OUTPUT_UNWRITABLE",
      `Cannot write failed rows to ${path}: the directory ${dirname(path)} does not exist or is not writable`,
      { ...place, cause },
    );
  });
  return path;
}

/** Why rows cannot be written to a file of this name. */
function nameProblem(path: string): string | undefined {
  if (!isKnownName(path)) return "its name tells no format; name a file such as failed.jsonl with --failed";
  return formatOf(path).compression === "bzip2"
    ? "bzip2 is read and not written; name a file that ends in .gz or .zst"
    : undefined;
}
