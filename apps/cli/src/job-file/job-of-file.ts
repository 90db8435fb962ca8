import { isParrotError, ParrotError } from "@parallel-parrot/core";
import { longOf } from "../flags/flag.ts";
import { ASKING_COMMANDS, JOB_ROWS, type AskingCommand } from "../flags/job-flags.ts";
import { isOfStep, isOfStepAlone } from "../flags/step-flags.ts";
import { isSameProvider, type Job, type Step } from "../job/job.ts";
import { typedJob } from "../job/typed-job.ts";
import { stepOf } from "../steps/in-step.ts";
import { readJobFile, type FileStep, type JobFile } from "./read-job-file.ts";
import { requireTrusted } from "./require-trusted.ts";

/** Options of which one is given: where it is typed, the others of the file do not count. */
const INSTEAD: readonly (readonly string[])[] = [
  ["prompt", "promptFile", "promptText"],
  ["keys", "schema", "schemaText"],
  ["output", "outputDir", "datasetDir"],
];

/** A job from a file, and where in the file it says what. */
export interface FiledJob {
  readonly job: Job;
  /** An error of a step, at its place in the file; any other as it is. */
  readonly placed: (error: unknown) => unknown;
}

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
): Promise<FiledJob> {
  const said = await readJobFile(file);
  requireFit(said, typed);
  const whole = await requireTrusted(inputs.length > 0 ? { ...said, inputs: [] } : said, typed);
  const named = inputs.length > 0 ? inputs : whole.inputs;
  if (named.length === 0)
    throw new ParrotError(
      "INVALID_OPTION",
      `Nothing to read: give ${file} a key input, or the command an INPUT: parrot run ${file} INPUT`,
      { option: "INPUT" },
    );
  const { steps } = said;
  const shared = { ...instead(whole.options, typed), ...typed };
  if (steps === undefined) {
    const options = { ...defaultsOf(said.command), ...shared };
    return { job: madeJob(said.command, named, options), placed: (error) => error };
  }
  const made = await madeSteps(steps, shared, typed);
  const [{ command, options, name }, ...later] = made;
  const job = madeJob(command, named, options);
  return {
    // A single step is a job like any other.
    job: later.length === 0 ? job : { ...job, name, later },
    placed: (error) => placedError(error, said),
  };
}

/** A job, or a step of one. Each value was read by the row of its option. */
function madeJob(
  command: AskingCommand,
  inputs: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Job {
  return typedJob(command, inputs, options as unknown as Job["options"]);
}

type Steps = readonly [Step, ...Step[]];

/** The steps of a file. What is at its top, and what is typed, holds for each step that says nothing else. */
async function madeSteps(
  said: readonly FileStep[],
  shared: Readonly<Record<string, unknown>>,
  typed: Readonly<Record<string, unknown>>,
): Promise<Steps> {
  const steps: Step[] = [];
  for (const step of said) {
    const own = await requireTrusted({ ...step, inputs: [], options: withServer(step, shared) }, typed);
    const options = { ...defaultsOf(step.command), ...sharedWith(step, shared), ...own.options };
    const { command, options: known } = madeJob(step.command, [], ofCommand(step.command, options));
    steps.push({ name: step.name, command, options: known } as Step);
  }
  // A file without a step is refused where it is read.
  return steps as unknown as Steps;
}

/** What a step says, with the model that the server is asked for which it names. */
function withServer(
  { options }: FileStep,
  shared: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return options["baseUrl"] === undefined || options["model"] !== undefined
    ? options
    : { ...options, model: shared["model"] };
}

/** The defaults for a step: of another provider's model neither the address nor the price is known. */
function sharedWith(
  { options }: FileStep,
  shared: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const gone = new Set<string>();
  const { model = shared["model"] } = options;
  if (model !== shared["model"]) for (const name of ["price", "priceOf"]) gone.add(name);
  if (!isSameProvider(model, shared["model"])) gone.add("baseUrl");
  return Object.fromEntries(Object.entries(shared).filter(([name]) => !gone.has(name)));
}

/** The options that a command has. */
function ofCommand(
  command: AskingCommand,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = new Set([...Object.keys(ASKING_COMMANDS[command]), ...INLINED]);
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.has(name)));
}

const INLINED = JOB_ROWS.flatMap(([, { inlinedAs }]) => inlinedAs ?? []);

/** Refuses what is typed and would have no effect. */
function requireFit({ file, command, steps }: JobFile, typed: Readonly<Record<string, unknown>>): void {
  for (const [name, row] of JOB_ROWS) {
    if (!Object.hasOwn(typed, name)) continue;
    const option = longOf(row);
    if (steps === undefined) {
      if (Object.hasOwn(ASKING_COMMANDS[command], name)) continue;
      throw refused(option, `Cannot use ${option}: ${file} is a job of ${command}, which has no such option`);
    }
    if (isOfStepAlone(name))
      throw refused(
        option,
        `Cannot use ${option}: ${file} has steps, and it is for one of them; write it there`,
      );
    if (isOfStep(name, row) && steps.every(({ options }) => options[name] !== undefined))
      throw refused(
        option,
        `Cannot use ${option}: each step of ${file} says its own; change it there, or take it out of the steps that are to go by what is typed`,
      );
  }
}

function refused(option: string, message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option });
}

/** An error of a step with its place in the file: where it has the column that is missing, or else where the option is. */
function placedError(error: unknown, { steps = [] }: JobFile): unknown {
  const step = isParrotError(error) ? steps.find(({ name }) => name === stepOf(error)) : undefined;
  if (!isParrotError(error) || step === undefined) return error;
  const { message, option, column } = error;
  const row = JOB_ROWS.find(([, each]) => longOf(each) === option);
  return (
    (column === undefined ? undefined : step.errorAtText(column, message)) ??
    step.errorAt(row?.[0] ?? "name", message)
  );
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
