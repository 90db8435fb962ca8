import { Bzip2Error } from "./bzip2-error.ts";

/** Moves the value at a place of a list to its front, and gives it. */
export function moveToFront(list: Uint8Array, place: number): number {
  const value = list[place];
  if (value === undefined) throw new Bzip2Error("impossible place in a list");
  list.copyWithin(1, 0, place);
  list[0] = value;
  return value;
}
