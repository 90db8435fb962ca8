import type { Clock, Permit } from "@parallel-parrot/limiter";
import type { Rejection } from "@parallel-parrot/providers";
import { limitName } from "../limit-name.ts";
import type { RowContext } from "./row-context.ts";

/** The part of a row that counts how often it was throttled. */
type ThrottledRow = Pick<RowContext, "throttles">;

/**
 * How often a row may be throttled while other rows are answered. One that is throttled more often is refused for
 * some other reason. Where nine in ten requests are throttled for a long time, this happens to one row in fifty
 * thousand billion by chance.
 */
const MAX_REFUSALS = 300;

/**
 * Makes the throttle policy of one endpoint in one run.
 *
 * @param maxWaitMs the longest wait that the server may ask for, and the longest time in which it answers nothing
 */
export function createThrottlePolicy(clock: Clock, maxWaitMs: number): ThrottlePolicy {
  return new ThrottlePolicy(clock, maxWaitMs);
}

/** Decides what throttling means for the whole run: whether to wait, and when to give up. */
export class ThrottlePolicy {
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  #answers = 0;
  #refusedSince: number | undefined;

  constructor(clock: Clock, maxWaitMs: number) {
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
  }

  /** A request was answered, so that the server does not refuse everything. */
  answered(): void {
    this.#answers += 1;
    this.#refusedSince = undefined;
  }

  /** Returns the rejection, or the one that follows from it. Tells the limiter where a request was throttled. */
  judge(rejection: Rejection, permit: Pick<Permit, "throttle">, row: ThrottledRow): Rejection {
    if (rejection.verdict === "wait") return this.#refuse(rejection, permit, row);
    const { retryAfterMs = 0 } = rejection;
    const isTooLong = rejection.verdict === "retry" && retryAfterMs > this.#maxWaitMs;
    return isTooLong ? tooLong(rejection, retryAfterMs, 0) : rejection;
  }

  #refuse(rejection: Rejection, permit: Pick<Permit, "throttle">, row: ThrottledRow): Rejection {
    const now = this.#clock.now();
    const refusedMs = now - (this.#refusedSince ??= now);
    const retryAfterMs = waitOf(rejection, refusedMs);
    if ((retryAfterMs ?? 0) > this.#maxWaitMs || refusedMs > this.#maxWaitMs)
      return tooLong(rejection, retryAfterMs ?? 0, refusedMs);
    const { limit, message: said } = rejection;
    permit.throttle({ retryAfterMs, limit, message: said });
    const times = this.#countRefusal(row);
    if (times <= MAX_REFUSALS) return rejection;
    const message = `Refused ${times} times while other rows were answered: ${rejection.message}`;
    return { verdict: "fail", code: "RATE_LIMITED", message };
  }

  /** How often a row was throttled while the endpoint answered others. */
  #countRefusal(row: ThrottledRow): number {
    const policies = (row.throttles ??= new Map());
    const throttles = policies.get(this) ?? { times: 0, answers: 0 };
    if (this.#answers > throttles.answers) throttles.times += 1;
    throttles.answers = this.#answers;
    policies.set(this, throttles);
    return throttles.times;
  }
}

/**
 * How long to wait after a refusal: as long as it says. Where the server refuses again after that time, and the limit of
 * a day is used up, what it said was not meant for that limit.
 */
function waitOf({ retryAfterMs, limit }: Rejection, refusedMs: number): number | undefined {
  if (limit?.resetMs === undefined) return retryAfterMs;
  if (retryAfterMs !== undefined && refusedMs < retryAfterMs) return retryAfterMs;
  return Math.max(retryAfterMs ?? 0, limit.resetMs);
}

function tooLong({ message, limit }: Rejection, waitMs: number, refusedMs: number): Rejection {
  const since = refusedMs < 1000 ? "" : `It has refused everything for ${Math.round(refusedMs / 1000)} s. `;
  const name = limit === undefined ? "" : `The limit of ${limitName(limit)} is used up. `;
  return {
    verdict: "stop",
    code: "WAIT_TOO_LONG",
    message: `${message.replace(/(?<!\.)\.+$/, "")}. ${name}${since}${inWords(waitMs)}`,
  };
}

/** What is said of a wait that is too long: how long it is, and when to go on. */
export function inWords(waitMs: number): string {
  // The wall clock is only for the person who reads this; nothing is timed by it.
  return `The wait would be ${rounded(waitMs)}. Run again after ${dateAfter(waitMs)}`;
}

function rounded(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1000)} s`;
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** The last moment that a date can tell, in milliseconds since 1970. */
const LAST_DATE = 8.64e15;

/** The date and time after a wait of any length that a server may ask for. */
function dateAfter(waitMs: number): string {
  return new Date(Math.min(Date.now() + waitMs, LAST_DATE)).toISOString();
}
