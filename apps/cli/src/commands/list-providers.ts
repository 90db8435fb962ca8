import { PARAM_NAMES, providers, type ProviderEntry } from "@parallel-parrot/providers";
import Table from "cli-table3";
import { describeCapabilities } from "./describe-provider.ts";
import { wordsOf } from "../flags/error-words.ts";
import { print, printJson } from "../terminal/print.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

const COLUMNS: Readonly<Record<string, (entry: ProviderEntry) => string>> = {
  name: ({ name }) => name,
  choices: ({ capabilities }) => describeCapabilities(capabilities).choices,
  JSON: ({ capabilities }) => describeCapabilities(capabilities).json,
  images: ({ capabilities }) => describeCapabilities(capabilities).images || "none",
  "does not take": ({ capabilities }) =>
    PARAM_NAMES.filter((name) => capabilities.params?.includes(name) === false)
      .map((name) => wordsOf(name))
      .join("\n"),
  "limits from": ({ capabilities, isInProcess }) =>
    isInProcess === true ? "none" : describeCapabilities(capabilities).limits,
  "key, and address where there is none": ({ keyVariables, needsKey, ...place }) =>
    [
      ...keyVariables.map(withState),
      ...(needsKey ? [] : ["(needs none)"]),
      ...placeVariablesOf(place).map(withState),
    ].join("\n"),
};

/** `parrot providers`: whom `--model` can name. For each variable it says whether that is set, never its value. */
export function listProviders({ json }: { readonly json: boolean }): ExitCode {
  if (json) printJson(`${JSON.stringify(providers.map(toJson), null, 2)}\n`);
  else print(`${tableOf(providers)}\n`);
  return EXIT.ok;
}

function tableOf(entries: readonly ProviderEntry[]): string {
  const table = new Table({ head: Object.keys(COLUMNS), style: { head: [], border: [], compact: true } });
  for (const entry of entries) table.push(Object.values(COLUMNS).map((cell) => cell(entry)));
  return table.toString();
}

/** The variables that have to be set for a provider without an address of its own. */
function placeVariablesOf(entry: Pick<ProviderEntry, "baseUrl" | "placeVariables" | "baseUrlVariables">) {
  const { baseUrl, baseUrlVariables, placeVariables = baseUrlVariables } = entry;
  return baseUrl === undefined ? placeVariables : [];
}

function toJson(entry: ProviderEntry): Readonly<Record<string, unknown>> {
  const { name, displayName, capabilities, needsKey, baseUrl = null, placeVariables = [] } = entry;
  return {
    name,
    displayName,
    ...capabilities,
    params: capabilities.params ?? PARAM_NAMES,
    needsKey,
    keyVariables: entry.keyVariables.map(toState),
    baseUrl,
    placeVariables: placeVariables.map(toState),
    baseUrlVariables: entry.baseUrlVariables.map(toState),
  };
}

function toState(name: string): { readonly name: string; readonly isSet: boolean } {
  return { name, isSet: isSet(name) };
}

function withState(name: string): string {
  return `${name} ${isSet(name) ? "(set)" : "(not set)"}`;
}

/** An empty variable counts as not set, as it does where keys are read. */
function isSet(name: string): boolean {
  return (process.env[name] ?? "") !== "";
}
