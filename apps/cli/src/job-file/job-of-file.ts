import { ParrotError } from "@parallel-parrot/core";
import { longOf } from "../flags/flag.ts";
import { ASKING_COMMANDS, JOB_ROWS, type AskingCommand } from "../flags/job-flags.ts";
import type { Job } from "../job/job.ts";
import { isSameProvider } from "../job/job.ts";
import { typedJob } from "../job/typed-job.ts";
import { readJobFile } from "./read-job-file.ts";
import { requireTrusted } from "./require-trusted.ts";

/** Options of which one is given: where it is typed, the others of the file do not count. */
const INSTEAD: readonly (readonly string[])[] = [
  ["prompt", "promptFile", "promptText"],
  ["keys", "schema", "schemaText"],
  ["output", "outputDir", "datasetDir"],
];

/**
 * The job of a job file, with what was typed in place of what the file says.
 *
 * @param typed the options that were given on the command line, by their names in a job
 * @throws ParrotError `INVALID_OPTION`
 */
export async function jobOfFile(
  file: string,
  inputs: readonly string[],
  typed: Readonly<Record<string, unknown>>,
): Promise<Job> {
  const said = await readJobFile(file);
  const { command } = said;
  const foreign = JOB_ROWS.find(
    ([name]) => Object.hasOwn(typed, name) && !Object.hasOwn(ASKING_COMMANDS[command], name),
  );
  if (foreign !== undefined) {
    const option = longOf(foreign[1]);
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use ${option}: ${file} is a job of ${command}, which has no such option`,
      { option },
    );
  }
  const placed = await requireTrusted(inputs.length > 0 ? { ...said, inputs: [] } : said, typed);
  const options = { ...defaultsOf(command), ...instead(placed.options, typed), ...typed };
  const named = inputs.length > 0 ? inputs : placed.inputs;
  if (named.length === 0)
    throw new ParrotError(
      "INVALID_OPTION",
      `Nothing to read: give ${file} a key input, or the command an INPUT: parrot run ${file} INPUT`,
      { option: "INPUT" },
    );
  // Each value was read by the row of its option.
  return typedJob(command, named, options as unknown as Job["options"]);
}

function defaultsOf(command: AskingCommand): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(ASKING_COMMANDS[command]).map(([name, row]) => [name, row.default]),
  );
}

/** What the file says, without what is typed in place of it. */
function instead(
  said: Readonly<Record<string, unknown>>,
  typed: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const gone = new Set(INSTEAD.filter((names) => names.some((name) => Object.hasOwn(typed, name))).flat());
  // The address is that of the model that the file names.
  if (typed["model"] !== undefined && !isSameProvider(typed["model"], said["model"])) gone.add("baseUrl");
  return Object.fromEntries(Object.entries(said).filter(([name]) => !gone.has(name)));
}
