import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { shownAddress, type InputDigest } from "@parallel-parrot/formats";
import { changesBetween } from "../job/changes-between.ts";
import type { OutputPlace } from "../output/output-place.ts";
import type { History } from "../job/history.ts";
import { jobOf, type Job } from "../job/job.ts";
import { wouldMiss } from "./would-miss.ts";

/**
 * Whether an existing output may be replaced without `--overwrite`, because an earlier run of this very job has
 * written all of its files just as they are. `false` where there is none.
 *
 * @throws ParrotError `OUTPUT_EXISTS` for any other file; where another job wrote it, the message says what differs
 */
export async function mayReplace(place: OutputPlace, { job, history, input }: Replacing): Promise<boolean> {
  const names = place.kind === "dataset" ? await filesIn(place.path) : place.names;
  let isThere = false;
  for (const name of names) {
    const status = await stat(name).catch(() => undefined);
    if (status?.isFile() !== true) continue;
    isThere = true;
    if (!(await history.wrote(name, job, input, missesNothing)))
      throw await notOurs(name, place, { job, history });
  }
  return isThere;
}

function missesNothing(now: Job["options"], earlier: Job["options"]): boolean {
  return wouldMiss(now, earlier).length === 0;
}

/** The files in the folder of a dataset and in the folders in it. Other folders are refused when it is opened. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
  return (await Promise.all(files)).flat();
}

/** What is known of the job that writes. */
interface Replacing {
  readonly job: Job;
  readonly history: History;
  /** The digest of its input; `undefined` for one that can be read only once. */
  readonly input: InputDigest | undefined;
}

const WAYS: Readonly<Record<OutputPlace["option"], string>> = {
  "-o": "file with -o",
  "--dataset-dir": "folder with --dataset-dir",
  "--output-dir": "folder with --output-dir",
};

async function notOurs(
  path: string,
  place: OutputPlace,
  { job, history }: Pick<Replacing, "job" | "history">,
): Promise<ParrotError> {
  const writer = (await history.writersOf(path)).at(-1);
  const other = writer === undefined ? undefined : jobOf(writer.manifest);
  const differences = other === undefined ? "" : differencesOf(other, job);
  const origin =
    writer === undefined || other === undefined ? "" : `, written by run ${writer.id} with other options`;
  const what = place.kind === "dataset" ? place.path : path;
  const way = WAYS[place.option];
  const why =
    origin === "" && what !== path ? `, and ${path} is not as an earlier run of this job left it` : "";
  return new ParrotError(
    "OUTPUT_EXISTS",
    `Cannot write ${what}: it exists${origin}${differences === "" ? "" : `: ${differences}`}${why}. Name another ${way}, or add --overwrite to replace it`,
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
    ...wouldMiss(now.options, earlier.options),
    ...(inputsBefore === inputsNow ? [] : [`the input (${inputsBefore} → ${inputsNow})`]),
  ].join(", ");
}

function columnOf(job: Job): string {
  return job.command === "text" ? job.options.outputKey : "";
}
