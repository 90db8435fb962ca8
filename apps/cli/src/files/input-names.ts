import { shellWord } from "@parallel-parrot/core";

/** How the names of inputs are kept: a single one as the text that it was before there could be several. */
export type KeptInputs = string | readonly string[];

export function keptInputs(inputs: readonly string[]): KeptInputs {
  const [only, ...others] = inputs;
  return only !== undefined && others.length === 0 ? only : inputs;
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
  const [first = "", ...others] = inputs;
  return others.length < MAX_NAMED ? inputs.join(", ") : `${first} and ${others.length} others`;
}

/** The words of a command that name inputs. A file whose name begins with a dash must not be read as an option. */
export function wordsOfInputs(inputs: readonly string[]): readonly string[] {
  return inputs.map((name) => shellWord(name.startsWith("-") && name !== "-" ? `./${name}` : name));
}
