import type { ContextSize } from "@parallel-parrot/providers";

/** A conversation that a server has refused for its length, and the sizes that it told. */
export interface TooLong {
  /** The length of all messages, in UTF-16 code units. */
  readonly characters: number;
  readonly size: ContextSize;
}

/** Characters of a token, where only the limit is told: as in English. */
const USUAL_CHARS = 4;
/** Characters of a token, where only the excess is told. Few: one more refusal costs nothing, but text that is cut is lost. */
const FEW_CHARS = 2;
/** Characters of a token that are believed: from letters of several tokens each to long runs of blanks. */
const LEAST_CHARS = 0.25;
const MOST_CHARS = 64;
/** The part of the allowed tokens that is left free. It is doubled each time that it was not enough. */
const MARGIN = 0.01;
const LEAST_MARGIN_TOKENS = 8;
/** The part of a conversation that stays where nothing tells by how much it is too long, and where that happened often. */
const STAYS = { first: 0.7, steps: 6, later: 0.5 };
/** From two lengths the density of the text between them follows, where one is at most so many times the other. */
const NEAR = 2;

/**
 * How many characters a conversation may have that is tried next, after these refusals, the last one last. Rather too
 * many than too few. It follows from the refusals alone, so that a resumed run tries the same lengths again.
 */
export function nextLength(refusals: readonly TooLong[]): number {
  const last = refusals.at(-1);
  if (last === undefined) return Number.POSITIVE_INFINITY;
  const excess = excessOf(last);
  if (excess === undefined) return guess(last, refusals.length <= STAYS.steps ? STAYS.first : STAYS.later);
  const { allowed = 0 } = last.size;
  const margin = Math.max(LEAST_MARGIN_TOKENS, allowed * MARGIN) * 2 ** (refusals.length - 1);
  return Math.max(0, last.characters - Math.ceil((excess + margin) * charsPerToken(last, refusals.at(-2))));
}

/** By how many tokens a conversation is too long; `undefined` where that is not told, or the figures make no sense. */
function excessOf({ size: { allowed, prompt, answer = 0, excess } }: TooLong): number | undefined {
  const told = allowed === undefined || prompt === undefined ? excess : prompt + answer - allowed;
  return told !== undefined && told > 0 ? told : undefined;
}

function guess({ characters, size: { allowed, answer = 0 } }: TooLong, stays: number): number {
  const less = Math.floor(characters * stays);
  return allowed === undefined ? less : Math.min(less, Math.max(0, allowed - answer) * USUAL_CHARS);
}

/** Characters of a token in the text that is to be cut: as in the part that was cut last, where that was near, or as in all of it. */
function charsPerToken(last: TooLong, before: TooLong | undefined): number {
  return believable(charsBetween(last, before) ?? charsOf(last));
}

function charsBetween(last: TooLong, before: TooLong | undefined): number | undefined {
  if (before === undefined || before.characters > last.characters * NEAR) return undefined;
  const [excess, excessBefore] = [excessOf(last), excessOf(before)];
  if (excess === undefined || excessBefore === undefined || excess >= excessBefore) return undefined;
  return (before.characters - last.characters) / (excessBefore - excess);
}

/** Characters of a token in a whole conversation. Rather few, as the tokens that a chat template adds count as text. */
function charsOf({ characters, size: { allowed, prompt, excess } }: TooLong): number {
  const tokens = prompt ?? (allowed === undefined || excess === undefined ? undefined : allowed + excess);
  return tokens === undefined ? FEW_CHARS : characters / tokens;
}

function believable(chars: number): number {
  return Math.min(MOST_CHARS, Math.max(LEAST_CHARS, chars));
}
