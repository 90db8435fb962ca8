import { isRecord } from "@parallel-parrot/core";
import { stringify } from "yaml";
import { keptInputs } from "../input/input-names.ts";
import { ASKING_COMMANDS, type AskingCommand } from "../flags/job-flags.ts";
import type { JobFlag } from "../flags/flag.ts";
import { FLAG_GROUPS } from "../flags/flag-group.ts";
import { LOGIT_BIAS, MAX_FAILURES, PRICE, SHARES } from "../flags/kinds/kind.ts";
import { usualBaseUrl } from "../job/base-url.ts";
import { isOfStep, isOfStepAlone } from "../flags/step-flags.ts";
import { textOf, type Job, type Step } from "../job/job.ts";
import { JOB_KEYS, keyOf } from "./job-keys.ts";

/**
 * A job as a job file. It has no option that a person has to give anew, and nothing that is as it is without it; the texts
 * of a prompt, a schema and extra fields are in it, in place of the names of their files.
 */
export function jobFileOf(job: Job): string {
  const { inputs, command, later = [] } = job;
  const [only] = inputs;
  const input = inputs.length === 1 ? only : keptInputs(inputs);
  const content =
    later.length === 0 ? { command, input, ...entriesOf(job) } : { input, ...entriesOfSteps(job) };
  return stringify(content, { lineWidth: 0, blockQuote: "literal" });
}

/** What is of the whole job or the same in all of its steps, and then the steps with what each has of its own. */
function entriesOfSteps(job: Job): Readonly<Record<string, unknown>> {
  const { name = "", command, options, later = [] } = job;
  const steps = [{ name, command, options } as Step, ...later].map((step) => ({
    step,
    entries: entriesOf(step, isOfStep),
  }));
  const shared = Object.entries(steps[0]?.entries ?? {}).filter(
    ([key, value]) =>
      !isOfStepAlone(JOB_KEYS.get(key)?.name ?? key) &&
      steps.every(({ entries }) => isSame(entries[key], value)),
  );
  const isShared = new Set(shared.map(([key]) => key));
  return {
    ...Object.fromEntries(shared),
    ...entriesOf(job, (option, row) => !isOfStep(option, row)),
    steps: steps.map(({ step, entries }) =>
      Object.fromEntries([
        ["name", step.name],
        ["command", step.command],
        ...Object.entries(entries).filter(([key]) => !isShared.has(key)),
      ]),
    ),
  };
}

/** Options of what a person sees of a run, which are no part of the job. */
const SHOWS: ReadonlySet<string> = new Set(["quiet", "verbose", "ui"]);

function entriesOf(
  { command, options }: Job | Step,
  isWanted: (name: string, row: JobFlag<unknown>) => boolean = () => true,
): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const usual = usualBaseUrl(textOf(values["model"]));
  return Object.fromEntries(
    rowsOf(command).flatMap(([name, row]) => {
      if (!isWanted(name, row)) return [];
      const value = values[name];
      if (row.isAuthority || SHOWS.has(name) || value === undefined || isSame(value, row.default)) return [];
      if (name === "baseUrl" && value === usual) return [];
      const text = values[row.inlinedAs ?? ""];
      if (typeof text === "string") return [inlined(name, row, text)];
      return [[keyOf(row), fileValue(row, value)]];
    }),
  );
}

/** The options of a command, in the order of their groups in the help. */
function rowsOf(command: AskingCommand): readonly (readonly [name: string, row: JobFlag<unknown>])[] {
  return Object.entries<JobFlag<unknown>>(ASKING_COMMANDS[command]).toSorted(
    ([, one], [, other]) => placeOf(one) - placeOf(other),
  );
}

function placeOf({ group }: JobFlag<unknown>): number {
  return group === undefined ? -1 : FLAG_GROUPS.indexOf(group);
}

function isSame(value: unknown, usual: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(usual);
}

/** A text that the job has in place of a file. */
function inlined(name: string, row: JobFlag<unknown>, text: string): readonly [string, unknown] {
  if (name === "promptFile") return ["prompt", text];
  return [keyOf(row), JSON.parse(text)];
}

/** The value of an option as a job file gives it. */
function fileValue({ kind, flag }: JobFlag<unknown>, value: unknown): unknown {
  if (kind === MAX_FAILURES) return kind.words(flag, value).at(-1);
  if (kind !== PRICE && kind !== SHARES && kind !== LOGIT_BIAS) return value;
  const text = kind.words("", value).at(-1) ?? "";
  const fields = text.split(",").map((part) => part.split("="));
  const numbers = Object.fromEntries(fields.map(([name = "", number = ""]) => [name, Number(number)]));
  return isRecord(numbers) ? numbers : text;
}
