import { stringifyJson } from "@parallel-parrot/core";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { Job, Step } from "./job.ts";

/** The options whose changes are told. */
const TOLD = JOB_ROWS.flatMap(([name, { change, inlinedAs = name }]) =>
  change === undefined ? [] : [{ ...change, name: inlinedAs }],
);

/** What differs between the requests of two jobs, in words; empty where they send the same requests. */
export function changesBetween(earlier: Job, now: Job): readonly string[] {
  const [steps, stepsNow] = [earlier, now].map(({ later = [] }) => later);
  if ((steps?.length ?? 0) + (stepsNow?.length ?? 0) > 0) return changesOfSteps(earlier, now);
  return changesOfOne(earlier, now);
}

/** The changes of each step, with its name; of other steps, that they are others. */
function changesOfSteps(earlier: Job, now: Job): readonly string[] {
  const [before, after] = [earlier, now].map(({ later = [] }) => later);
  if (before?.length !== after?.length)
    return [`the steps (${(before?.length ?? 0) + 1} → ${(after?.length ?? 0) + 1})`];
  const later = (after ?? []).flatMap((step, place) => {
    const then = before?.[place];
    const changes = then === undefined ? [] : changesOfOne(then, step);
    return changes.map((change) => `${change} of step ${step.name}`);
  });
  const { name = "" } = now;
  return [...changesOfOne(earlier, now).map((change) => `${change} of step ${name}`), ...later];
}

function changesOfOne(earlier: Job | Step, now: Job | Step): readonly string[] {
  const [before, after] = [optionsOf(earlier), optionsOf(now)];
  const changed = TOLD.filter(({ name }) => stringifyJson(before[name]) !== stringifyJson(after[name]));
  const told = changed.map(({ words, showsValues, name }) =>
    showsValues ? `${words} (${show(before[name])} → ${show(after[name])})` : words,
  );
  if (earlier.command !== now.command) told.unshift(`the command (${earlier.command} → ${now.command})`);
  return [...new Set(told)];
}

function optionsOf({ options }: Job | Step): Readonly<Record<string, unknown>> {
  const all: Readonly<Record<string, unknown>> = { ...options };
  // A prompt on the command line and the same prompt from a file make the same requests.
  const { promptText, prompt = promptText, ...others } = all;
  // A switch that was not given counts like one that the other command does not have.
  return Object.fromEntries(Object.entries({ ...others, prompt }).filter(([, value]) => value !== false));
}

function show(value: unknown): string {
  return stringifyJson(value)?.replaceAll('"', "") ?? "none";
}
