import { isParrotError } from "@parallel-parrot/core";
import type { RejectionError } from "../errors/rejection-error.ts";
import { isStop, isTooLong } from "../errors/verdict.ts";
import type { Endpoint } from "../request/endpoint.ts";
import type { RoutedRequest } from "../request/routed-request.ts";

/** Throws the refusal of a request that no endpoint can be asked. */
export function requireAskable(endpoints: readonly Endpoint[], routed: RoutedRequest): void {
  if (!routed.hasExclusions || !endpoints.every((each) => routed.exclusionOf(each) !== undefined)) return;
  const refusal = refusalOf(endpoints, routed);
  if (refusal !== undefined) throw refusal;
}

/**
 * The refusal that is told where no endpoint can be asked: that of a budget, as it stops the run; else, of those that
 * find the prompt too long, that of the endpoint which takes the longest prompts; else the first that concerns the
 * row; else the first.
 */
export function refusalOf(endpoints: readonly Endpoint[], routed: RoutedRequest): Error | undefined {
  const refusals = endpoints.flatMap((each) => routed.exclusionOf(each) ?? []);
  const tooLong = refusals.filter((error) => isTooLong(error));
  const roomiest = tooLong.toSorted((a, b) => roomOf(b) - roomOf(a))[0];
  const ofRow = refusals.find((error) => !isStop(error));
  return refusals.find((error) => isParrotError(error)) ?? roomiest ?? ofRow ?? refusals[0];
}

/** Tokens that a prompt may have there; 0 where that is not told. */
function roomOf({ rejection: { contextSize: { allowed = 0, answer = 0 } = {} } }: RejectionError): number {
  return allowed - answer;
}
