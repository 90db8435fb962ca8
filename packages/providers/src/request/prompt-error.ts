import type { FailureCode } from "@parallel-parrot/core";

/** Thrown before anything is sent for a prompt that a provider cannot be asked. Its row fails with `code`. */
export class PromptError extends Error {
  override readonly name: string = "PromptError";
  readonly code: FailureCode = "BAD_REQUEST";
}

/** Whether a value is a {@linkcode PromptError}, also one of another copy of this package. */
export function isPromptError(value: unknown): value is PromptError {
  return value instanceof Error && value.name === "PromptError" && "code" in value;
}
