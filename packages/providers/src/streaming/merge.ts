import { isRecord } from "@parallel-parrot/core";
import type { Fields } from "../json-fields.ts";

/** An object that is being put together. */
export type Draft = Record<string, unknown>;

/** Takes over the fields that say something. */
export function assignTold(draft: Draft, fields: Fields): void {
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined && value !== null) draft[name] = value;
    else draft[name] ??= null;
}

/** Adds a piece of a text behind the pieces before it. */
export function append(draft: Draft, name: string, piece: unknown): void {
  if (typeof piece !== "string") return;
  const { [name]: before } = draft;
  draft[name] = typeof before === "string" ? before + piece : piece;
}

/** Adds parts of a content behind those before it. Pieces of one part, which differ in their text alone, become one. */
export function appendParts(parts: unknown[], more: readonly unknown[]): void {
  for (const part of more) {
    const joined = join(parts.at(-1), part);
    if (joined === undefined) parts.push(part);
    else parts[parts.length - 1] = joined;
  }
}

function join(before: unknown, part: unknown): Fields | undefined {
  if (!isRecord(before) || !isRecord(part)) return undefined;
  const { text: first, ...others } = before;
  const { text, ...same } = part;
  const isPiece = typeof first === "string" && typeof text === "string" && areSame(others, same);
  return isPiece ? { ...others, text: first + text } : undefined;
}

function areSame(one: Fields, other: Fields): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => isPlain(one[name]) && one[name] === other[name])
  );
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** The object in a field, which is made if it is not there yet. */
export function draftIn(draft: Draft, name: string): Draft {
  const { [name]: before } = draft;
  if (isRecord(before)) return before;
  const made: Draft = {};
  draft[name] = made;
  return made;
}

/** The list in a field, which is made if it is not there yet; a text becomes its first part. */
export function listIn(draft: Draft, name: string): unknown[] {
  const { [name]: before } = draft;
  if (Array.isArray(before)) return before;
  const made: unknown[] = typeof before === "string" && before !== "" ? [{ type: "text", text: before }] : [];
  draft[name] = made;
  return made;
}

/** What is at a place of a list, which is made if it is not there yet. */
export function madeAt<T>(made: Map<number, T>, at: unknown, make: () => T, otherwise = 0): T {
  const place = typeof at === "number" ? at : otherwise;
  const known = made.get(place);
  if (known !== undefined) return known;
  const fresh = make();
  made.set(place, fresh);
  return fresh;
}

/** The draft at a place of a list, which is made if it is not there yet. */
export function draftAt(drafts: Map<number, Draft>, at: unknown, otherwise?: number): Draft {
  return madeAt(drafts, at, (): Draft => ({}), otherwise);
}

/** The drafts in the order of their places. */
export function inOrder<T>(drafts: ReadonlyMap<number, T>): readonly T[] {
  return [...drafts].toSorted(([one], [other]) => one - other).map(([, draft]) => draft);
}
