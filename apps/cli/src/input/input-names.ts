import { shellWord } from "@parallel-parrot/core";
import { isIncomplete, shownAddress } from "@parallel-parrot/formats";

/**
 * How the names of inputs are kept: a single one as the text that it was before there could be several. An address is
 * kept without its query, which may be a signature.
 */
export type KeptInputs = string | readonly string[];

export function keptInputs(inputs: readonly string[]): KeptInputs {
  const names = inputs.map(shownAddress);
  const [only, ...others] = names;
  return only !== undefined && others.length === 0 ? only : names;
}

/** Whether the query of an address was left out where inputs were kept. */
export function haveHiddenParts(inputs: readonly string[]): boolean {
  return inputs.some((name) => isIncomplete(shownAddress(name)));
}

/** The names of inputs as they were kept; `undefined` for anything else, which a stranger may have put there. */
export function readInputs(kept: unknown): readonly string[] | undefined {
  if (typeof kept === "string") return [kept];
  const isList = Array.isArray(kept) && kept.length > 0 && kept.every((name) => typeof name === "string");
  return isList ? kept : undefined;
}

/** Inputs that are named one by one. */
const MAX_NAMED = 3;

/** The names of inputs, for messages: `a.csv`, `a.csv, b.csv`, `a.csv and 9 others`. */
export function nameInputs(inputs: readonly string[]): string {
  const names = inputs.map((input) => (input === "-" ? "standard input" : shownAddress(input)));
  const [first = "", ...others] = names;
  return others.length < MAX_NAMED ? names.join(", ") : `${first} and ${others.length} others`;
}

/** The words of a command that name inputs. A file whose name begins with a dash must not be read as an option. */
export function wordsOfInputs(inputs: readonly string[]): readonly string[] {
  return inputs
    .map(shownAddress)
    .map((name) => shellWord(name.startsWith("-") && name !== "-" ? `./${name}` : name));
}
