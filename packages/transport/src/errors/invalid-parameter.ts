import { messageOf } from "@parallel-parrot/core";
import { RejectionError } from "./rejection-error.ts";

/** The error that fails a row whose own model or parameter cannot be used. */
export function invalidParameter(name: string, why: unknown): RejectionError {
  const message = `Cannot use the row's own ${name}: ${typeof why === "string" ? why : messageOf(why)}`;
  return new RejectionError({ verdict: "fail", code: "INVALID_PARAMETER", message }, why);
}
