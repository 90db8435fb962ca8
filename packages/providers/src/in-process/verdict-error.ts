import type { Rejection } from "../provider.ts";

/** The rejections that a function may throw; only adapters of HTTP APIs can amend a request. */
export type FunctionRejection = Exclude<Rejection, { readonly verdict: "amend" }>;

/** A function of `functionProvider` throws it to say what its failure means. */
export class VerdictError extends Error {
  override readonly name: string = "VerdictError";
  readonly rejection: FunctionRejection;

  constructor(rejection: FunctionRejection, cause?: unknown) {
    super(rejection.message, cause === undefined ? undefined : { cause });
    this.rejection = rejection;
  }
}

/** Whether a value is a {@linkcode VerdictError}, also one of another copy of this package. */
export function isVerdictError(value: unknown): value is VerdictError {
  return value instanceof Error && value.name === "VerdictError" && "rejection" in value;
}
