import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Rejection } from "@parallel-parrot/providers";
import type { RowContext } from "./row-context.ts";

/** The place in a row that counts how often it was throttled. */
type ThrottledRow = Pick<RowContext, "throttles">;

/** Decides what a refusal means for the whole run: whether to wait, and when to give up. */
export interface ThrottlePolicy {
  /** A request was answered. */
  answered(): void;
  /** Passes a rejection on, or makes of it the verdict that follows; throttles the permit of a refused request. */
  judge(rejection: Rejection, permit: Pick<Permit, "throttle">, row: ThrottledRow): Rejection;
}

/**
 * A row refused so often while others were answered is refused for something else. Where nine in ten requests are
 * refused for a long time, one row in fifty thousand billion is refused so often by chance.
 */
const MAX_REFUSALS = 300;

/**
 * Makes the throttle policy of one endpoint in one run. `maxWaitMs` is the longest pause, and the longest time of
 * refusals only.
 */
export function createThrottlePolicy(clock: Clock, maxWaitMs: number): ThrottlePolicy {
  return new CountingThrottlePolicy(clock, maxWaitMs);
}

class CountingThrottlePolicy implements ThrottlePolicy {
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  #answers = 0;
  #refusedSince: number | undefined;

  constructor(clock: Clock, maxWaitMs: number) {
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
  }

  answered(): void {
    this.#answers += 1;
    this.#refusedSince = undefined;
  }

  judge(rejection: Rejection, permit: Pick<Permit, "throttle">, row: ThrottledRow): Rejection {
    if (rejection.verdict === "wait") return this.#refuse(rejection, permit, row);
    const { retryAfterMs = 0 } = rejection;
    const isTooLong = rejection.verdict === "retry" && retryAfterMs > this.#maxWaitMs;
    return isTooLong ? tooLong(rejection, retryAfterMs, 0) : rejection;
  }

  #refuse(rejection: Rejection, permit: Pick<Permit, "throttle">, row: ThrottledRow): Rejection {
    const now = this.#clock.now();
    const refusedMs = now - (this.#refusedSince ??= now);
    const { retryAfterMs } = rejection;
    if ((retryAfterMs ?? 0) > this.#maxWaitMs || refusedMs > this.#maxWaitMs)
      return tooLong(rejection, retryAfterMs ?? 0, refusedMs);
    permit.throttle({ retryAfterMs });
    const times = this.#countRefusal(row);
    if (times <= MAX_REFUSALS) return rejection;
    const message = `Refused ${times} times while other rows were answered: ${rejection.message}`;
    return { verdict: "fail", code: "RATE_LIMITED", message };
  }

  /** How often a row was refused while others were answered here. */
  #countRefusal(row: ThrottledRow): number {
    const policies = (row.throttles ??= new Map());
    const throttles = policies.get(this) ?? { times: 0, answers: 0 };
    if (this.#answers > throttles.answers) throttles.times += 1;
    throttles.answers = this.#answers;
    policies.set(this, throttles);
    return throttles.times;
  }
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
