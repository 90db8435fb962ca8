import { stat } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import { shownAddress, type InputDigest } from "@parallel-parrot/formats";
import { changesBetween } from "../job/changes-between.ts";
import type { History } from "../job/history.ts";
import { jobOf, type Job } from "../job/job.ts";
import { coversRows } from "../selection/covers-rows.ts";

/**
 * Whether an existing output may be replaced without `--overwrite`, because an earlier run of this very job has
 * written it just as it is. `false` where there is no file.
 *
 * @throws ParrotError `OUTPUT_EXISTS` for any other file; where another job wrote it, the message says what differs
 */
export async function mayReplace(
  path: string,
  job: Job,
  history: History,
  input: InputDigest | undefined,
): Promise<boolean> {
  const status = path === "-" ? undefined : await stat(path).catch(() => undefined);
  if (status?.isFile() !== true) return false;
  if (await history.wrote(path, job, input)) return true;
  const writer = (await history.writersOf(path)).at(-1);
  const other = writer === undefined ? undefined : jobOf(writer.manifest);
  const differences = other === undefined ? "" : differencesOf(other, job);
  const origin =
    writer === undefined || other === undefined ? "" : `, written by run ${writer.id} with other options`;
  throw new ParrotError(
    "OUTPUT_EXISTS",
    `Cannot write ${path}: it exists${origin}${differences === "" ? "" : `: ${differences}`}. Name another file with -o, or add --overwrite to replace it`,
    { file: path, option: "--overwrite" },
  );
}

/** What makes the outputs of two jobs differ, in words. */
function differencesOf(earlier: Job, now: Job): string {
  const [before, after] = [columnOf(earlier), columnOf(now)];
  const [inputsBefore, inputsNow] = [earlier, now].map(({ inputs }) => inputs.map(shownAddress).join(", "));
  return [
    ...changesBetween(earlier, now),
    ...(before === after || earlier.command !== now.command ? [] : [`--output-key (${before} → ${after})`]),
    ...(coversRows(now.options, earlier.options)
      ? []
      : ["it has rows that this run does not ask, which would be missing"]),
    ...(inputsBefore === inputsNow ? [] : [`the input (${inputsBefore} → ${inputsNow})`]),
  ].join(", ");
}

function columnOf(job: Job): string {
  return job.command === "text" ? job.options.outputKey : "";
}
