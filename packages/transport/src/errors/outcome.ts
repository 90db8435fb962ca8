import { HttpError } from "../http/http-error.ts";
import { policyOf } from "./error-policy.ts";
import { isRowsOwn } from "./verdict.ts";

/**
 * What an attempt shows of the server's health:
 *
 * - `answered`: it gave an answer.
 * - `alive`: it said something else, be it a refusal or that it throttles.
 * - `failed`: it may have got the request, and no usable answer came.
 * - `away`: it said itself that it is not ready yet, and will be.
 * - `unreached`: it certainly did not get the request.
 * - `nothing`: the attempt was cut short, or the run stops anyway.
 */
export type Outcome = "answered" | "alive" | "failed" | "away" | "unreached" | "nothing";

/** Whether the server has said something. */
export function isAlive(outcome: Outcome): outcome is "answered" | "alive" {
  return outcome === "answered" || outcome === "alive";
}

/** What an attempt that ended in an error shows of the server's health. */
export function outcomeOf(error: unknown): Outcome {
  if (!isRowsOwn(error)) return "nothing";
  const { suggestsOutage, provesOutage } = policyOf(error.rejection.code);
  if (provesOutage === true) return "away";
  if (suggestsOutage !== true) return "alive";
  const { cause } = error;
  // A request that was lost on the way may be what the server fails at; one that was never sent cannot be.
  const wasSent = !(cause instanceof HttpError) || cause.wasSent;
  return wasSent ? "failed" : "unreached";
}
