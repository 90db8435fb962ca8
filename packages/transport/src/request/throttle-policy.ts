import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Rejection } from "@parallel-parrot/providers";
import type { Bill } from "./bill.ts";

/** Decides what a refusal means for the whole run: whether to wait, and when to give up. */
export interface ThrottlePolicy {
  /** A request was answered. */
  answered(): void;
  /** Passes a rejection on, or makes of it the verdict that follows; throttles the permit of a refused request. */
  judge(rejection: Rejection, permit: Pick<Permit, "throttle">, bill: Bill): Rejection;
}

/**
 * A row refused so often while others were answered is refused for something else. Where nine in ten requests are
 * refused for a long time, one row in fifty thousand billion is refused so often by chance.
 */
const MAX_REFUSALS = 300;

/** Makes the throttle policy of one provider in one run. `maxWaitMs` is the longest pause, and the longest time of refusals only. */
export function createThrottlePolicy(clock: Clock, maxWaitMs: number): ThrottlePolicy {
  let answers = 0;
  let refusedSince: number | undefined;
  const refused = new WeakMap<Bill, { times: number; answers: number }>();

  /** How often a row was refused while others were answered here. */
  function countRefusal(bill: Bill): number {
    const before = refused.get(bill) ?? { times: 0, answers: 0 };
    const times = before.times + (answers > before.answers ? 1 : 0);
    refused.set(bill, { times, answers });
    return times;
  }

  function refuse(rejection: Rejection, permit: Pick<Permit, "throttle">, bill: Bill): Rejection {
    const now = clock.now();
    refusedSince ??= now;
    const { retryAfterMs } = rejection;
    const refusedMs = now - refusedSince;
    if ((retryAfterMs ?? 0) > maxWaitMs || refusedMs > maxWaitMs)
      return tooLong(rejection, retryAfterMs ?? 0, refusedMs);
    permit.throttle({ retryAfterMs });
    const times = countRefusal(bill);
    if (times <= MAX_REFUSALS) return rejection;
    const message = `Refused ${times} times while other rows were answered: ${rejection.message}`;
    return { verdict: "fail", code: "RATE_LIMITED", message };
  }

  return {
    answered() {
      answers += 1;
      refusedSince = undefined;
    },
    judge(rejection, permit, bill) {
      if (rejection.verdict === "wait") return refuse(rejection, permit, bill);
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
    // The wall clock only tells a person when; nothing is timed by it.
    message: `It asks to wait ${Math.ceil(waitMs / 1000)} s${since}: ${message}. Run again after ${new Date(Date.now() + waitMs).toISOString()}`,
  };
}
