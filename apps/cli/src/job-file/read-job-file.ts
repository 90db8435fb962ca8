import { isRecord, messageOf, quote, type ParrotError } from "@parallel-parrot/core";
import { readText } from "../files/read-text.ts";
import { ASKING_COMMANDS, JOB_ROWS, type AskingCommand } from "../flags/job-flags.ts";
import { longOf, type JobFlag, type JobFlags } from "../flags/flag.ts";
import { isOfStep, isOfStepAlone } from "../flags/step-flags.ts";
import { JOB_KEYS, keyOf } from "./job-keys.ts";
import { JUDGE_KEYS, judgeStep } from "./judge-step.ts";
import { optionValue } from "./option-value.ts";
import { noSuchKey, parseJobFile, type JobEntry } from "./parse-job-file.ts";

/** What a job file says. Names of files are as they are written in it. */
export interface JobFile extends FilePart {
  readonly inputs: readonly string[];
  /** Its steps, where it has some; `command` is then that of the first. */
  readonly steps?: readonly FileStep[];
}

/** A step in a job file, with what it says itself. */
export interface FileStep extends FilePart {
  readonly name: string;
}

/** What a job file, or a step in it, says of a command. */
interface FilePart {
  /** The file itself. */
  readonly file: string;
  readonly command: AskingCommand;
  /** The values that it gives to options, by their names in a job. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Makes an error at the place of an option, or of `input`. */
  readonly errorAt: (name: string, why: string) => ParrotError;
  /** The same where the value has this text, if it is there. */
  readonly errorAtText: (text: string, why: string) => ParrotError | undefined;
}

/** Keys of a job file that are no options. */
const OWN_KEYS = ["command", "input", "steps"] as const;
/** Those of a step. */
const STEP_KEYS = ["name", "command", ...JUDGE_KEYS] as const;

/** Reads a job file. @throws ParrotError `INVALID_OPTION` that says where in the file something is wrong */
export async function readJobFile(file: string): Promise<JobFile> {
  const entries = parseJobFile(file, await readText(file, "JOB"));
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const input = byKey.get("input");
  const inputs = input === undefined ? [] : inputsOf(input);
  const steps = byKey.get("steps");
  if (steps === undefined) {
    const command = commandOf(entries, OWN_KEYS, file);
    const flags: JobFlags = ASKING_COMMANDS[command];
    return {
      ...partOf(entries, { file, command, flags, own: OWN_KEYS, of: `a job file of ${command}` }),
      inputs,
    };
  }
  const whole = partOf(entries, {
    file,
    command: "text",
    flags: Object.fromEntries(JOB_ROWS),
    own: OWN_KEYS,
    of: "a job file with steps",
    refusal: (name) =>
      isOfStepAlone(name) ? "it says what one step does, and stands in that step" : undefined,
  });
  const read = steps.elements().map((step, place) => stepOf(step, file, place));
  const [firstStep] = read;
  if (firstStep === undefined) throw steps.error("expected a list with a step in it");
  for (const [place, { name, errorAt }] of read.entries())
    if (read.findIndex((other) => other.name === name) < place)
      throw errorAt("name", `another step is called ${quote(name)} already`);
  const command = byKey.get("command");
  if (command !== undefined) throw command.keyError(`with steps, each step has its own ${quote("command")}`);
  return { ...whole, command: firstStep.command, inputs, steps: read };
}

function stepOf(entries: readonly JobEntry[], file: string, place: number): FileStep {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const name = byKey.get("name")?.value ?? `step ${place + 1}`;
  if (typeof name !== "string" || !/^[^\s"](?:[^\n"]*[^\s"])?$/.test(name))
    throw (byKey.get("name") ?? first(entries)).error("expected a name, such as draft");
  const judge = judgeStep(entries);
  const command = judge === undefined ? commandOf(entries, STEP_KEYS, file) : "columns";
  const flags: JobFlags = ASKING_COMMANDS[command];
  const part = partOf(entries, {
    file,
    command,
    flags,
    own: STEP_KEYS,
    of: `a step of ${command}`,
    refusal: (option, row) =>
      isOfStep(option, row) ? undefined : "it is for the whole job, and stands at the top of the file",
  });
  if (judge === undefined) return { ...part, name };
  const { prompt, schemaText } = judge;
  return { ...part, name, options: { ...part.options, prompt, schema: file, schemaText } };
}

/** How a part of a file is read. */
interface PartReading {
  readonly file: string;
  readonly command: AskingCommand;
  readonly flags: JobFlags;
  /** Keys that are no options. */
  readonly own: readonly string[];
  /** What messages call the part. */
  readonly of: string;
  /** Why an option cannot stand in it. @default each can */
  readonly refusal?: (name: string, row: JobFlag<unknown>) => string | undefined;
}

function partOf(
  entries: readonly JobEntry[],
  { file, command, flags, own, of, refusal = () => undefined }: PartReading,
): FilePart {
  const places = new Map(entries.filter(({ key }) => own.includes(key)).map((entry) => [entry.key, entry]));
  const options: Record<string, unknown> = {};
  for (const entry of entries) {
    if (own.includes(entry.key)) continue;
    const found = JOB_KEYS.get(entry.key);
    if (found === undefined || !Object.hasOwn(flags, found.name))
      throw noSuchKey(entry, keysOf(flags, own, refusal), of);
    const { name, row } = found;
    if (row.isAuthority)
      throw entry.keyError(
        `${quote(entry.key)} is not taken from a file, as it decides whose key is sent, what is replaced or whose answers are used; type it: parrot run ${file} ${longOf(row)} …`,
      );
    const why = refusal(name, row);
    if (why !== undefined) throw entry.keyError(`${quote(entry.key)}: ${why}`);
    places.set(name, entry);
    Object.assign(options, valuesOf(entry, name, file));
  }
  return {
    file,
    command,
    options,
    errorAt: (name, why) => (places.get(name) ?? first(entries)).error(why),
    errorAtText: (text, why) =>
      entries.map((entry) => entry.errorAtText(text, why)).find((error) => error !== undefined),
  };
}

function first([entry]: readonly JobEntry[]): JobEntry {
  if (entry === undefined) throw new RangeError("The file has no keys");
  return entry;
}

function commandOf(entries: readonly JobEntry[], own: readonly string[], file: string): AskingCommand {
  const names = Object.keys(ASKING_COMMANDS);
  const entry = entries.find(({ key }) => key === "command");
  const name = entry?.value;
  if (typeof name === "string" && isCommand(name)) return name;
  const why = `expected one of ${names.join(", ")}`;
  // A misspelt "command" is such a key as well.
  const odd = entries.find(({ key }) => !own.includes(key) && !JOB_KEYS.has(key));
  const of = own.includes("steps") ? "a job file" : "a step";
  if (entry === undefined && odd !== undefined) throw noSuchKey(odd, [...own, ...JOB_KEYS.keys()], of);
  if (entry === undefined)
    throw first(entries).keyError(`${quote("command")} is missing in ${of === "a step" ? of : file}; ${why}`);
  throw entry.error(`${quote("command")}: ${why}`);
}

function isCommand(name: string): name is AskingCommand {
  return Object.hasOwn(ASKING_COMMANDS, name);
}

/** The keys that there are. */
function keysOf(
  flags: JobFlags,
  own: readonly string[],
  refusal: NonNullable<PartReading["refusal"]>,
): readonly string[] {
  const rows = Object.entries(flags).filter(
    ([name, row]) => !row.isAuthority && refusal(name, row) === undefined,
  );
  return [...own, ...rows.map(([, row]) => keyOf(row))];
}

/** The value of an option; of a schema or fields that are written out, their text. */
function valuesOf(entry: JobEntry, name: string, file: string): Readonly<Record<string, unknown>> {
  const { row } = JOB_KEYS.get(entry.key) ?? {};
  if (row === undefined) return {};
  const { value } = entry;
  if (row.inlinedAs !== undefined && isRecord(value))
    return { [name]: file, [row.inlinedAs]: JSON.stringify(value) };
  try {
    return { [name]: optionValue(row, value) };
  } catch (error) {
    throw entry.error(messageOf(error));
  }
}

/** More than anybody writes down; each is looked at by itself, so that a hundred thousand take half a minute. */
const MOST_INPUTS = 10_000;

function inputsOf(entry: JobEntry): readonly string[] {
  const { value } = entry;
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (names.length > MOST_INPUTS)
    throw entry.error(
      `${names.length} names are more than the ${MOST_INPUTS} that are looked for; name their folder, or a pattern such as data/*.csv`,
    );
  const texts = names.filter((name) => typeof name === "string");
  if (texts.length === 0 || texts.length < names.length)
    throw entry.error("expected the name of a file, or a list of them");
  return texts;
}
