import { isRecord } from "@parallel-parrot/core";
import { stringify } from "yaml";
import { keptInputs } from "../input/input-names.ts";
import { ASKING_COMMANDS, type AskingCommand } from "../flags/job-flags.ts";
import type { JobFlag } from "../flags/flag.ts";
import { FLAG_GROUPS } from "../flags/flag-group.ts";
import { LOGIT_BIAS, MAX_FAILURES, PRICE, SHARES } from "../flags/kinds/kind.ts";
import { usualBaseUrl } from "../job/base-url.ts";
import { textOf, type Job } from "../job/job.ts";
import { keyOf } from "./job-keys.ts";

/**
 * A job as a job file. It has no option that a person has to give anew, and nothing that is as it is without it; the texts
 * of a prompt, a schema and extra fields are in it, in place of the names of their files.
 */
export function jobFileOf(job: Job): string {
  const { inputs } = job;
  const [input] = inputs;
  return stringify(
    {
      command: job.command,
      input: inputs.length === 1 ? input : keptInputs(inputs),
      ...entriesOf(job),
    },
    { lineWidth: 0, blockQuote: "literal" },
  );
}

function entriesOf({ command, options }: Job): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const usual = usualBaseUrl(textOf(values["model"]));
  return Object.fromEntries(
    rowsOf(command).flatMap(([name, row]) => {
      const value = values[name];
      if (row.isAuthority || name === "quiet" || value === undefined || isSame(value, row.default)) return [];
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
