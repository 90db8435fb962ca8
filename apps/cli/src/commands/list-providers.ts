import { PARAM_NAMES, providers, type ProviderEntry } from "@parallel-parrot/providers";
import Table from "cli-table3";
import stringWidth from "string-width";
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
  else print(`${fittingTable(providers, process.stdout.columns || Number.POSITIVE_INFINITY)}\n`);
  return EXIT.ok;
}

/** Which columns a narrow terminal leaves out, the first one first. */
const LEFT_OUT = ["does not take", "limits from", "choices", "images", "JSON"];

/** The table with as many columns as fit a terminal of this width. */
export function fittingTable(entries: readonly ProviderEntry[], width: number): string {
  for (let count = 0; ; count += 1) {
    const left = LEFT_OUT.slice(0, count);
    const table = tableOf(
      entries,
      Object.keys(COLUMNS).filter((name) => !left.includes(name)),
    );
    const fits = table.split("\n").every((line) => stringWidth(line) <= width);
    if (!fits && count < LEFT_OUT.length) continue;
    return left.length === 0
      ? table
      : `${table}\nA wider terminal, and --json, tell more: ${left.toReversed().join(", ")}`;
  }
}

function tableOf(entries: readonly ProviderEntry[], head: readonly string[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const entry of entries) table.push(head.map((name) => COLUMNS[name]?.(entry) ?? ""));
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
