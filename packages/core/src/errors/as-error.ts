import { messageOf } from "./message-of.ts";

/** Anything that was thrown as an error; an error is given as it is. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
}
