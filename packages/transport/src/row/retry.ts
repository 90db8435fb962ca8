import type { Clock } from "@parallel-parrot/limiter";
import pRetry from "p-retry";
import type { Outage } from "../routing/router.ts";
import { isThrottled, isTransient } from "../errors/verdict.ts";
import { sleep } from "../waiting/sleep.ts";

/** Options of {@linkcode retryAfter}. */
export interface RetryOptions {
  /** Attempts in all, throttled ones not counted. */
  readonly maxAttempts: number;
  readonly clock: Clock;
  /** Ends the waits between attempts. */
  readonly signal: AbortSignal;
  /** While one lasts a failure does not count; what a row failed before an outage is forgiven. */
  readonly breaker: Outage;
  /** Asked when the attempts are used up: whether an outage used them, so that they start anew. */
  readonly forgives: () => Promise<boolean>;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

/**
 * Goes on after a first attempt has failed: runs it again while the verdict is `retry` or `wait`. Exponential
 * backoff with full jitter; a hint of the server is a minimum. A throttled attempt costs nothing: the limiter
 * already holds it back.
 */
export async function retryAfter<T>(
  firstError: unknown,
  attempt: () => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { maxAttempts, clock, signal, breaker, forgives } = options;
  let failures = 0;
  let { outages } = breaker;
  async function shouldRetry(error: unknown): Promise<boolean> {
    // The limiter holds throttled requests back, all by one clock.
    if (isThrottled(error)) return true;
    if (!isTransient(error)) return false;
    const { retryAfterMs = 0 } = error.rejection;
    if (outages < breaker.outages) failures = 0;
    ({ outages } = breaker);
    if (!breaker.isOpen) failures += 1;
    if (failures >= maxAttempts) {
      if (!(await forgives())) return false;
      failures = 0;
    }
    const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(failures - 1, 0));
    // While the breaker is open, it is what the row waits for.
    await sleep(clock, retryAfterMs + (breaker.isOpen ? 0 : Math.random() * ceiling), signal);
    return true;
  }
  if (!(await shouldRetry(firstError))) throw firstError;
  // Counting and waiting are done above: p-retry knows neither a server's hints nor failures that cost nothing.
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 0,
    shouldRetry: (context) => shouldRetry(context.error),
  });
}
