import { shellWord, stringifyJson } from "@parallel-parrot/core";
import { wordsOfInputs } from "../input/input-names.ts";
import { longOf, type Flag, type JobFlag } from "../flags/flag.ts";
import { ASKING_COMMANDS, GENERATE_FLAGS } from "../flags/job-flags.ts";
import { FOLDER, NEGATION, SWITCH, TEXT, TEXT_OR_NONE } from "../flags/kinds/kind.ts";
import { usualBaseUrl } from "./base-url.ts";
import { textOf, type Job, type Step } from "./job.ts";

/** Options that are left out of a command, as they are not part of the job. `journalOption` names the journal. */
const LEFT_OUT: ReadonlySet<string> = new Set(["quiet", "verbose", "ui", "journal"]);

/**
 * The command that would begin a job anew, for a person to read and type. The job may be a stranger's: values that do
 * not fit their options are left out, and so are the options that a person has to give anew. No text in it can end its
 * quotes.
 */
export function commandOf(job: Job): string {
  const values: Readonly<Record<string, unknown>> = { ...job.options };
  const model = textOf(values["model"]);
  const options = Object.entries<JobFlag<unknown>>(ASKING_COMMANDS[job.command]).flatMap(([name, row]) => {
    if (row.isAuthority || LEFT_OUT.has(name)) return [];
    const value = values[name];
    const isUsual = name === "baseUrl" && value === usualBaseUrl(model);
    return isUsual ? [] : wordsOf(row, value);
  });
  return ["parrot", job.command, ...wordsOfInputs(job.inputs), ...options.map(shellWord)].join(" ");
}

/**
 * The option whose value no command line gives; `undefined` where all are as an option has them. A job of an earlier
 * version may lack options, but none lacks the output.
 */
export function unfitOption({ later = [], ...job }: Job): string | undefined {
  return [job, ...later].map((step) => unfitIn(step)).find((option) => option !== undefined);
}

function unfitIn({ command, options }: Job | Step): string | undefined {
  const values: Readonly<Record<string, unknown>> = { ...options };
  return Object.entries<JobFlag<unknown>>(ASKING_COMMANDS[command])
    .filter(([name, row]) => !isFit(row, values[name]) || !isTextOrNothing(values[row.inlinedAs ?? ""]))
    .map(([, row]) => longOf(row))[0];
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isFit(row: Flag<unknown>, value: unknown): boolean {
  if (value === undefined) return row !== GENERATE_FLAGS.output;
  const { kind } = row;
  if (kind === SWITCH || kind === NEGATION) return typeof value === "boolean";
  if (kind === TEXT || kind === FOLDER || kind.choices !== undefined) return typeof value === "string";
  if (kind === TEXT_OR_NONE && value === false) return true;
  if (stringifyJson(value) === stringifyJson(row.default)) return true;
  return kind.words(longOf(row), value).length > 0;
}

function wordsOf(row: Flag<unknown>, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return stringifyJson(value) === stringifyJson(row.default) ? [] : row.kind.words(longOf(row), value);
}
