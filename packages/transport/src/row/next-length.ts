import type { ContextSize } from "@parallel-parrot/providers";

/** A conversation that a server has refused for its length, and what it told of that. */
export interface TooLong {
  /** Of all messages, in UTF-16 code units. */
  readonly characters: number;
  readonly size: ContextSize;
}

/** Characters of a token where only the limit is told: those of English. */
const USUAL_CHARS = 4;
/** Where only the excess is told, few, as a refusal more costs nothing and a character too few is lost. */
const FEW_CHARS = 2;
/** What is believed of characters a token: from letters that are several tokens to long runs of blanks. */
const LEAST_CHARS = 0.25;
const MOST_CHARS = 64;
/** Part of what is allowed that is left free, doubled each time that it was not enough. */
const MARGIN = 0.01;
const LEAST_MARGIN_TOKENS = 8;
/** What stays of a conversation where nothing tells by how much it is too long, and after so many steps of that. */
const STAYS = { first: 0.7, steps: 6, later: 0.5 };
/** Two lengths tell what the text between them has where one is no more than this much longer. */
const NEAR = 2;

/**
 * How many characters a conversation may have to be tried next, by what was said of it before, the last one last.
 * Rather too many than too few. It follows from that alone, so that a run which goes on tries the same again.
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

/** By how many tokens it is too long; `undefined` where that is not told, or the figures make no sense. */
function excessOf({ size: { allowed, prompt, answer = 0, excess } }: TooLong): number | undefined {
  const told = allowed === undefined || prompt === undefined ? excess : prompt + answer - allowed;
  return told !== undefined && told > 0 ? told : undefined;
}

function guess({ characters, size: { allowed, answer = 0 } }: TooLong, stays: number): number {
  const less = Math.floor(characters * stays);
  return allowed === undefined ? less : Math.min(less, Math.max(0, allowed - answer) * USUAL_CHARS);
}

/** Of what is to be cut: as what was cut last had, where that was near, or else as all of it has. */
function charsPerToken(last: TooLong, before: TooLong | undefined): number {
  return believable(charsBetween(last, before) ?? charsOf(last));
}

function charsBetween(last: TooLong, before: TooLong | undefined): number | undefined {
  if (before === undefined || before.characters > last.characters * NEAR) return undefined;
  const [excess, excessBefore] = [excessOf(last), excessOf(before)];
  if (excess === undefined || excessBefore === undefined || excess >= excessBefore) return undefined;
  return (before.characters - last.characters) / (excessBefore - excess);
}

/** What a template adds to the prompt counts as text here, so these are rather few. */
function charsOf({ characters, size: { allowed, prompt, excess } }: TooLong): number {
  const tokens = prompt ?? (allowed === undefined || excess === undefined ? undefined : allowed + excess);
  return tokens === undefined ? FEW_CHARS : characters / tokens;
}

function believable(chars: number): number {
  return Math.min(MOST_CHARS, Math.max(LEAST_CHARS, chars));
}
