import type { Limiter } from "@parallel-parrot/limiter";
import { RejectionError } from "../errors/rejection-error.ts";
import { limitName } from "../limit-name.ts";
import { inWords } from "../request/throttle-policy.ts";

/**
 * The error that ends the run where requests would wait longer than allowed for a limit that is known, such as one of a
 * day; `undefined` where they would not. What a refusal asks for is judged when it comes.
 */
export function longWaitError(
  { waitingFor: wait }: Pick<Limiter, "waitingFor">,
  maxWaitMs: number,
): RejectionError | undefined {
  if (wait?.limit === undefined || wait.source === "refusal" || wait.ms <= maxWaitMs) return undefined;
  return new RejectionError({
    verdict: "stop",
    code: "WAIT_TOO_LONG",
    message: `The limit of ${limitName(wait.limit)} is used up. ${inWords(wait.ms)}`,
  });
}
