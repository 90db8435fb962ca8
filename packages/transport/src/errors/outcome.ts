import type { FailureCode } from "@parallel-parrot/core";
import { HttpError } from "../http/http-error.ts";
import { RejectionError } from "./rejection-error.ts";

/** What an attempt tells of the server; `nothing` where it was cut short or stops the run anyway. */
export type Outcome = "alive" | "failed" | "unreached" | "nothing";

/** What a server in trouble causes. Anything else it says, refusals and throttling too, shows that it works. */
const TROUBLE: ReadonlySet<string> = new Set<FailureCode>([
  "NETWORK",
  "TIMEOUT",
  "SERVER_ERROR",
  "BAD_RESPONSE",
]);

/** What a failed attempt tells of the server. */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof RejectionError) || error.rejection.verdict === "stop") return "nothing";
  if (!TROUBLE.has(error.rejection.code)) return "alive";
  const { cause } = error;
  // A request that was lost on the way may be at fault itself; one that was never sent cannot be.
  const wasSent = !(cause instanceof HttpError) || cause.wasSent;
  return wasSent ? "failed" : "unreached";
}
