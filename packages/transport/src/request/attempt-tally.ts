import type { ErrorCode, FailureCode } from "@parallel-parrot/core";
import { RejectionError } from "../errors/rejection-error.ts";
import { isThrottled } from "../errors/verdict.ts";

/** Why an attempt brought no answer. */
export type AttemptCode = FailureCode | ErrorCode;

/** How many attempts ended with each code; those that none has ended with are left out. */
export type AttemptErrors = Readonly<Partial<Record<AttemptCode, number>>>;

/** Counts what became of the requests to one endpoint that brought no answer. */
export class AttemptTally {
  /** Requests that the server refused as too many. */
  throttles = 0;
  /** By code, throttled ones included. */
  readonly errors: Partial<Record<AttemptCode, number>> = {};

  add(failure: unknown): void {
    if (!(failure instanceof RejectionError)) return;
    if (isThrottled(failure)) this.throttles += 1;
    const { code } = failure.rejection;
    this.errors[code] = (this.errors[code] ?? 0) + 1;
  }
}

export function addErrors(parts: readonly AttemptErrors[]): AttemptErrors {
  const sum: Partial<Record<AttemptCode, number>> = {};
  for (const part of parts)
    for (const [code, count] of Object.entries(part) as [AttemptCode, number][])
      sum[code] = (sum[code] ?? 0) + count;
  return sum;
}
