import type { FailureCode } from "@parallel-parrot/core";

/** A prompt that a provider cannot be asked, told before anything is sent; its row fails with `code`. */
export class PromptError extends Error {
  override readonly name: string = "PromptError";
  readonly code: FailureCode = "BAD_REQUEST";
}

/** Whether a value is a {@linkcode PromptError}, of this copy of the package or another. */
export function isPromptError(value: unknown): value is PromptError {
  return value instanceof Error && value.name === "PromptError" && "code" in value;
}
