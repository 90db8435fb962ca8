import { randomInt } from "node:crypto";

const LETTERS = "abcdefghjkmnpqrstuvwxyz";
const CHARACTERS = `${LETTERS}23456789`;
/** Thirty bits: a row cannot guess the id of another one, and a model copies it without a slip. */
const LENGTH = 6;

/**
 * Draws an id for each row of a group. None of them stands in any of the texts, so that a text can neither end where it
 * is said to begin, nor speak of another row by its id.
 */
export function createIds(count: number, texts: readonly string[]): readonly string[] {
  const ids = new Set<string>();
  while (ids.size < count) {
    const id = drawId();
    if (!texts.some((text) => text.includes(id))) ids.add(id);
  }
  return [...ids];
}

function drawId(): string {
  let id = pick(LETTERS);
  while (id.length < LENGTH) id += pick(CHARACTERS);
  return id;
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}
