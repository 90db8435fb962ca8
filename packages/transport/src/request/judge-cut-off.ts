import type { Rejection } from "@parallel-parrot/providers";

/** A gateway waits longer for an answer. One that gives up sooner is in trouble, and an answer in another form is none. */
const LEAST_WAIT_MS = 10_000;

/** Returns a rejection that says that a long answer was cut off, or the one that follows where it was not long. */
export function judgeCutOff(rejection: Rejection, tookMs: number): Rejection {
  const isCutOff = rejection.verdict === "amend" && rejection.code === "SERVER_ERROR";
  if (!isCutOff || tookMs >= LEAST_WAIT_MS) return rejection;
  const { message, code } = rejection;
  return { verdict: "retry", code, message };
}
