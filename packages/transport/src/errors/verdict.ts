import { isParrotError, type ParrotError } from "@parallel-parrot/core";
import type { Amendment, Rejection } from "@parallel-parrot/providers";
import { policyOf } from "./error-policy.ts";
import { RejectionError } from "./rejection-error.ts";

/** An error with one of the verdicts. */
type Rejected<V extends Rejection["verdict"]> = RejectionError & {
  readonly rejection: Rejection & { readonly verdict: V };
};

/** Whether no row will be answered. The run stops, or a pool goes on without the member. */
export function isStop(error: unknown): error is Rejected<"stop"> {
  return verdictOf(error) === "stop";
}

/** Whether it says that no row will be answered, but may mean this row alone: as where a firewall reads the prompt. */
export function mayBeRowsOwn(error: unknown): error is Rejected<"stop"> {
  return isStop(error) && policyOf(error.rejection.code).mayBeRowsOwn === true;
}

/** Whether it is told of one row, but may hold for all: as where a gateway calls an empty account a bad request. */
export function mayBeEverybodys(error: unknown): error is Rejected<"fail"> {
  return isRefused(error) && policyOf(error.rejection.code).mayBeEverybodys === true;
}

/** Whether the server throttles. The limiter holds everything back, and the row loses no attempt. */
export function isThrottled(error: unknown): error is Rejected<"wait"> {
  return verdictOf(error) === "wait";
}

/** Whether it may pass by itself. The row asks again, as long as it has attempts left. */
export function isTransient(error: unknown): error is Rejected<"retry"> {
  return verdictOf(error) === "retry";
}

/** Whether this row's request was refused for good. */
export function isRefused(error: unknown): error is Rejected<"fail"> {
  return verdictOf(error) === "fail";
}

/** Whether it concerns this row alone, even if more may be tried for it. */
export function isRowsOwn(error: unknown): error is Rejected<Exclude<Rejection["verdict"], "stop">> {
  return error instanceof RejectionError && !isStop(error);
}

/** What the request is to be sent again without; `undefined` where the error is something else. */
export function amendmentOf(error: unknown): Amendment | undefined {
  return error instanceof RejectionError && error.rejection.verdict === "amend"
    ? error.rejection.amendment
    : undefined;
}

/** Whether the same request would be refused again, so that a refusal that was paid for is worth keeping. */
export function isFinal(rejection: Rejection): boolean {
  const { verdict } = rejection;
  // The same request in another form has the same key, under which its answer is kept.
  return verdict === "fail" || (verdict === "amend" && rejection.keepsRequest !== true);
}

/** Whether another member of a pool may answer what this one refuses, or cannot be asked. */
export function isMembersRefusal(error: unknown): error is Error {
  if (isParrotError(error)) return policyOf(error.code).othersMayAnswer === true;
  if (!isRefused(error)) return false;
  const { cause, rejection } = error;
  return (
    policyOf(rejection.code).othersMayAnswer === true ||
    (cause instanceof Error && cause.name === "PromptError")
  );
}

/** Whether the key of a member of a pool is refused or missing, as its provider says before anything is sent. */
export function isKeyError(error: unknown): error is ParrotError {
  return isParrotError(error) && policyOf(error.code).concernsKey === true;
}

/** Whether the prompt is too long for the model. */
export function isTooLong(error: unknown): error is Rejected<"fail"> {
  return isRefused(error) && error.rejection.code === "CONTEXT_TOO_LONG";
}

/** Whether the journal has no answer to a request that was only to be looked up. */
export function isNotAsked(error: unknown): boolean {
  return error instanceof RejectionError && error.rejection.code === "NOT_ASKED";
}

function verdictOf(error: unknown): Rejection["verdict"] | undefined {
  return error instanceof RejectionError ? error.rejection.verdict : undefined;
}
