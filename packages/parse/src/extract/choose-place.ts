import { isSameJson } from "./is-same-json.ts";
import type { Block } from "./find-fenced-blocks.ts";
import type { Passage } from "./find-passages.ts";
import { MAX_KEY_LENGTH } from "./lookout.ts";
import { beginsLikeData, hasWords, isNoteAt, looksLikeData } from "./looks-like-data.ts";

/** A passage in its block. */
export interface Place {
  readonly block: Block;
  readonly passage: Passage;
}

/** The passage that is most likely the answer. */
export function choosePlace(places: readonly Place[]): Place | undefined {
  return unfinished(places) ?? largest(places);
}

function textOf({ block, passage }: Place): string {
  return block.text.slice(passage.start, passage.end);
}

/** Whether a passage that cannot be read is a part of the answer. */
export function isLost(place: Place): boolean {
  const { status } = place.passage;
  return (status === "cut" || status === "broken") && looksLikeData(textOf(place));
}

/** Whether a passage could equally well be the answer, and has another value. */
export function isOther(place: Place, best: Place): boolean {
  const { status, values } = place.passage;
  const mayBe =
    status === "complete" ? textOf(place).includes("{") : status === "repaired" && QUOTES.test(textOf(place));
  return mayBe && !isSameJson(values, best.passage.values);
}

const QUOTES = /["'“‘`]/;

/** The place after a value where keys follow its end. */
export function continued({ block, passage }: Place): Place | undefined {
  const { end } = passage;
  const isContinued = beginsLikeData(block.text.slice(end, end + MAX_KEY_LENGTH));
  return isContinued ? { block, passage: { ...passage, start: end, brokenAt: end } } : undefined;
}

/** Whether other text stands both before and after a passage. */
export function isBetweenProse({ start, end, isFenced }: Block, passage: Passage, text: string): boolean {
  return isFenced
    ? hasWords(text.slice(0, start)) && hasWords(text.slice(end))
    : hasWords(text.slice(0, passage.start)) && hasWords(text.slice(passage.end));
}

/** An answer that was being written when the text ended, whatever complete example stands before it. */
function unfinished(places: readonly Place[]): Place | undefined {
  const last = places.at(-1);
  if (!places.some(({ passage }) => passage.status === "complete")) return undefined;
  return last?.passage.status === "cut" && /^\s*[{[]\s*[{"]/.test(textOf(last)) ? last : undefined;
}

function largest(places: readonly Place[]): Place | undefined {
  let best: Place | undefined;
  for (const place of places) if (best === undefined || weight(place) > weight(best)) best = place;
  return best;
}

/**
 * Prose can hold what looks like broken JSON, such as `{question, answer}`, and references such as `[12]`; the JSON
 * itself may be shorter.
 */
function weight({ block, passage: { status, start, end } }: Place): number {
  if (isNoteAt(block.text, start)) return 0;
  return (end - start) * (status === "complete" || status === "cut" ? 2 : 1);
}
