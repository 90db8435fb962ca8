import { HttpError } from "../http/http-error.ts";
import { policyOf } from "./error-policy.ts";
import { isRowsOwn } from "./verdict.ts";

/** What an attempt tells of the server; `nothing` where it was cut short or stops the run anyway. */
export type Outcome = "alive" | "failed" | "unreached" | "nothing";

/** What a failed attempt tells of the server. */
export function outcomeOf(error: unknown): Outcome {
  if (!isRowsOwn(error)) return "nothing";
  // Anything else that it says, refusals and throttling too, shows that it works.
  if (policyOf(error.rejection.code).suggestsOutage !== true) return "alive";
  const { cause } = error;
  // A request that was lost on the way may be at fault itself; one that was never sent cannot be.
  const wasSent = !(cause instanceof HttpError) || cause.wasSent;
  return wasSent ? "failed" : "unreached";
}
