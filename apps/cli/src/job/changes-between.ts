import { JOB_ROWS } from "../flags/job-flags.ts";
import type { Job } from "./job.ts";

/** The options whose changes are told. */
const TOLD = JOB_ROWS.flatMap(([name, { told, inlinedAs = name }]) =>
  told === undefined ? [] : [{ ...told, name: inlinedAs }],
).toSorted((one, other) => one.place - other.place);

/** What of the requests differs between two jobs, in words; nothing where they ask for the same. */
export function changesBetween(earlier: Job, now: Job): readonly string[] {
  const [before, after] = [optionsOf(earlier), optionsOf(now)];
  const changed = TOLD.filter(({ name }) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const words = changed.map(({ as, values, name }) =>
    values ? `${as} (${show(before[name])} → ${show(after[name])})` : as,
  );
  if (earlier.command !== now.command) words.unshift(`the command (${earlier.command} → ${now.command})`);
  return [...new Set(words)];
}

function optionsOf({ options }: Job): Readonly<Record<string, unknown>> {
  const all: Readonly<Record<string, unknown>> = { ...options };
  // A prompt on the command line and the same one from a file ask for the same.
  const { promptText, prompt = promptText, ...others } = all;
  // A flag that was not given and one of the other command are alike.
  return Object.fromEntries(Object.entries({ ...others, prompt }).filter(([, value]) => value !== false));
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value).replaceAll('"', "");
}
