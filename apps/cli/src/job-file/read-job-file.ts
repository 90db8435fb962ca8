import { isRecord, messageOf, quote, type ParrotError } from "@parallel-parrot/core";
import { readText } from "../files/read-text.ts";
import { ASKING_COMMANDS, type AskingCommand } from "../flags/job-flags.ts";
import { longOf, type JobFlags } from "../flags/flag.ts";
import { JOB_KEYS, keyOf } from "./job-keys.ts";
import { optionValue } from "./option-value.ts";
import { noSuchKey, parseJobFile, type JobEntry } from "./parse-job-file.ts";

/** What a job file says. Names of files are as they are written in it. */
export interface JobFile {
  /** The file itself. */
  readonly file: string;
  readonly command: AskingCommand;
  readonly inputs: readonly string[];
  /** The values that it gives to options, by their names in a job. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Makes an error at the place of an option, or of `input`. */
  readonly errorAt: (name: string, why: string) => ParrotError;
}

/** Keys of a job file that are no options. */
const OWN_KEYS = ["command", "input"] as const;

/** Reads a job file. @throws ParrotError `INVALID_OPTION` that says where in the file something is wrong */
export async function readJobFile(file: string): Promise<JobFile> {
  const entries = parseJobFile(file, await readText(file, "JOB"));
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const command = commandOf(byKey, file);
  const flags: JobFlags = ASKING_COMMANDS[command];
  const places = new Map<string, JobEntry>();
  const options: Record<string, unknown> = {};
  for (const entry of entries) {
    if (OWN_KEYS.some((key) => key === entry.key)) continue;
    const found = JOB_KEYS.get(entry.key);
    if (found === undefined || !Object.hasOwn(flags, found.name))
      throw noSuchKey(entry, keysOf(flags), `a job file of ${command}`);
    const { name, row } = found;
    if (row.isAuthority)
      throw entry.keyError(
        `${quote(entry.key)} is not taken from a file, as it decides whose key is sent, what is replaced or whose answers are used; type it: parrot run ${file} ${longOf(row)} …`,
      );
    places.set(name, entry);
    Object.assign(options, valuesOf(entry, name, file));
  }
  const input = byKey.get("input");
  if (input !== undefined) places.set("input", input);
  return {
    file,
    command,
    inputs: input === undefined ? [] : inputsOf(input),
    options,
    errorAt: (name, why) => (places.get(name) ?? first(entries)).error(why),
  };
}

function first([entry]: readonly JobEntry[]): JobEntry {
  if (entry === undefined) throw new RangeError("The file has no keys");
  return entry;
}

function commandOf(entries: ReadonlyMap<string, JobEntry>, file: string): AskingCommand {
  const names = Object.keys(ASKING_COMMANDS);
  const entry = entries.get("command");
  const name = entry?.value;
  if (typeof name === "string" && isCommand(name)) return name;
  const why = `expected one of ${names.join(", ")}`;
  // A misspelt "command" is such a key as well.
  const odd = [...entries.values()].find(
    ({ key }) => !OWN_KEYS.some((own) => own === key) && !JOB_KEYS.has(key),
  );
  if (entry === undefined && odd !== undefined)
    throw noSuchKey(odd, [...OWN_KEYS, ...JOB_KEYS.keys()], "a job file");
  if (entry === undefined)
    throw first([...entries.values()]).keyError(`${quote("command")} is missing in ${file}; ${why}`);
  throw entry.error(`${quote("command")}: ${why}`);
}

function isCommand(name: string): name is AskingCommand {
  return Object.hasOwn(ASKING_COMMANDS, name);
}

/** The keys of a command's job file. */
function keysOf(flags: JobFlags): readonly string[] {
  return [...OWN_KEYS, ...Object.values(flags).flatMap((row) => (row.isAuthority ? [] : [keyOf(row)]))];
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

function inputsOf(entry: JobEntry): readonly string[] {
  const { value } = entry;
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = names.filter((name) => typeof name === "string");
  if (texts.length === 0 || texts.length < names.length)
    throw entry.error("expected the name of a file, or a list of them");
  return texts;
}
