import type { Rejection } from "../provider.ts";

/** The verdicts that a function may give; amendments are for APIs whose parameters are known. */
export type FunctionRejection = Exclude<Rejection, { readonly verdict: "amend" }>;

/** Thrown by a function of {@linkcode functionProvider} to say what its failure means. */
export class VerdictError extends Error {
  override readonly name: string = "VerdictError";
  readonly rejection: FunctionRejection;

  constructor(rejection: FunctionRejection, cause?: unknown) {
    super(rejection.message, cause === undefined ? undefined : { cause });
    this.rejection = rejection;
  }
}

/** Whether a value is a {@linkcode VerdictError}, of this copy of the package or another. */
export function isVerdictError(value: unknown): value is VerdictError {
  return value instanceof Error && value.name === "VerdictError" && "rejection" in value;
}
