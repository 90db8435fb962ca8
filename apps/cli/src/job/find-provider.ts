import { nearestNames, ParrotError } from "@parallel-parrot/core";
import { providers, type ProviderEntry } from "@parallel-parrot/providers";

/** A provider and the name of one of its models. */
export interface FoundModel {
  readonly entry: ProviderEntry;
  /** The name may contain slashes. */
  readonly model: string;
}

/**
 * Finds what `--model PROVIDER/MODEL` names; the provider ends at the first slash.
 *
 * @throws ParrotError `INVALID_OPTION` with the nearest names there are
 */
export function findModel(text: string): FoundModel {
  const [, name = "", model = ""] = /^([^/]*)\/(.*)$/s.exec(text) ?? [];
  const entry = providers.find((provider) => provider.name === name);
  if (entry !== undefined && model.trim() !== "") return { entry, model };
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot tell which model to ask: ${problemOf(text, name, entry)}; write --model PROVIDER/MODEL, such as --model openai/gpt-4.1-mini (${hintOf(name, entry)}; parrot providers describes them)`,
    { option: "--model" },
  );
}

function problemOf(text: string, name: string, entry: ProviderEntry | undefined): string {
  if (text === "") return "no --model was given";
  if (entry !== undefined) return `--model is "${text}", which names no model`;
  return name === ""
    ? `--model is "${text}", which names no provider`
    : `--model is "${text}", and there is no provider "${name}"`;
}

function hintOf(name: string, entry: ProviderEntry | undefined): string {
  const near = entry === undefined ? nearProviders(name) : [];
  return near.length > 0
    ? `did you mean ${near.join(" or ")}?`
    : `providers: ${providers.map((provider) => provider.name).join(", ")}; any other server that speaks OpenAI's API: openai-compatible/MODEL with --base-url`;
}

/** Providers with a similar name, or with this word in the vendor's name, such as `google`. */
function nearProviders(name: string): readonly string[] {
  const word = name.trim().toLowerCase();
  if (word === "") return [];
  if (providers.some((provider) => provider.name === word)) return [word];
  const ofVendor = providers.filter(({ displayName }) => wordsOf(displayName).includes(word));
  const near = nearestNames(
    word,
    providers.map((provider) => provider.name),
  );
  return [...new Set([...ofVendor.map((provider) => provider.name), ...near])];
}

function wordsOf(displayName: string): readonly string[] {
  return displayName.toLowerCase().split(" ");
}
