import { messageOf } from "@parallel-parrot/core";

/** What was thrown, as an error: itself where it is one. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
}
