import type { Rejection } from "@parallel-parrot/providers";
import type { Bill } from "./bill.ts";
import type { Limiter } from "./limiter.ts";

/** Decides what a refusal means for the whole run: how long to pause, and when to give up. */
export interface Pacer {
  /** A request was answered. */
  answered(): void;
  /** Passes a rejection on, or makes of it the verdict that follows. */
  judge(rejection: Rejection, sentAt: number, bill: Bill): Rejection;
}

/** First pause after a refusal that names none; doubles with each burst of them. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** A row refused so often while others were answered is refused for something else. */
const MAX_REFUSALS = 100;

/** Makes the pacer of one run. `maxWaitMs` is the longest pause, and the longest time of refusals only. */
export function createPacer(limiter: Limiter, maxWaitMs: number): Pacer {
  const { clock } = limiter;
  let answers = 0;
  let bursts = 0;
  let lastRefusalAt = Number.NEGATIVE_INFINITY;
  let refusedSince: number | undefined;

  function refuse(rejection: Rejection, sentAt: number, bill: Bill): Rejection {
    const now = clock.now();
    refusedSince ??= now;
    // Requests sent before the last refusal belong to the same burst.
    if (sentAt >= lastRefusalAt) bursts += 1;
    lastRefusalAt = now;
    const ceiling = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(bursts - 1, 10));
    const waitMs = rejection.retryAfterMs ?? ceiling * (0.5 + Math.random() / 2);
    const refusedMs = now - refusedSince;
    if (waitMs > maxWaitMs || refusedMs > maxWaitMs) return tooLong(rejection, waitMs, refusedMs);
    limiter.throttle(waitMs, sentAt);
    if (answers > bill.answersAtRefusal) bill.refusals += 1;
    bill.answersAtRefusal = answers;
    if (bill.refusals <= MAX_REFUSALS) return rejection;
    const message = `Refused ${bill.refusals} times while other rows were answered: ${rejection.message}`;
    return { verdict: "fail", code: "RATE_LIMITED", message };
  }

  return {
    answered() {
      answers += 1;
      bursts = 0;
      refusedSince = undefined;
    },
    judge(rejection, sentAt, bill) {
      if (rejection.verdict === "wait") return refuse(rejection, sentAt, bill);
      const { retryAfterMs = 0 } = rejection;
      const isTooLong = rejection.verdict === "retry" && retryAfterMs > maxWaitMs;
      return isTooLong ? tooLong(rejection, retryAfterMs, 0) : rejection;
    },
  };
}

function tooLong({ message }: Rejection, waitMs: number, refusedMs: number): Rejection {
  const since = refusedMs < 1000 ? "" : ` and has refused everything for ${Math.round(refusedMs / 1000)} s`;
  return {
    verdict: "stop",
    code: "WAIT_TOO_LONG",
    message: `It asks to wait ${Math.ceil(waitMs / 1000)} s${since}: ${message}`,
  };
}
