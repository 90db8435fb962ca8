import pRetry from "p-retry";
import type { Outage } from "../routing/router.ts";
import { isThrottled, isTransient } from "../errors/verdict.ts";

/** Options of {@linkcode retryAfter}. */
export interface RetryOptions {
  /** Attempts in all. Throttled ones do not count. */
  readonly maxAttempts: number;
  /** While an outage lasts no failure counts, and failures before it are forgiven when it is over. */
  readonly outage: Outage;
  /** Waits between two attempts, of which the first has failed with an error. */
  readonly backOff: (ms: number, error: Error) => Promise<void>;
  /** Called when the attempts are used up: whether an outage was the reason, so that they begin anew. */
  readonly forgives: () => Promise<boolean>;
}

/** How often a row may run out of time: each time takes minutes, and another answer may have been paid for. */
const MAX_TIMEOUTS = 3;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

/**
 * Goes on after a first attempt has failed: tries again as long as the verdict is `retry` or `wait`. It backs off
 * exponentially with full jitter, and no less than the server asks for. A throttled attempt does not count, and does
 * not back off: the limiter holds it back.
 */
export async function retryAfter<T>(
  firstError: unknown,
  attempt: () => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { maxAttempts, outage, backOff, forgives } = options;
  let failures = 0;
  let timeouts = 0;
  let { outages } = outage;
  async function shouldRetry(error: unknown): Promise<boolean> {
    // The limiter holds all throttled requests back.
    if (isThrottled(error)) return true;
    if (!isTransient(error)) return false;
    const { retryAfterMs = 0 } = error.rejection;
    if (outages < outage.outages) failures = timeouts = 0;
    ({ outages } = outage);
    if (!outage.isOpen) {
      failures += 1;
      if (error.rejection.code === "TIMEOUT") timeouts += 1;
    }
    if (failures >= maxAttempts || timeouts >= MAX_TIMEOUTS) {
      if (!(await forgives())) return false;
      failures = timeouts = 0;
    }
    const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(failures - 1, 0));
    // In an outage the row waits for its end instead.
    const ms = retryAfterMs + (outage.isOpen ? 0 : Math.random() * ceiling);
    await backOff(ms, error);
    return true;
  }
  if (!(await shouldRetry(firstError))) throw firstError;
  // Counting and waiting are done above, as p-retry knows neither hints of a server nor failures that do not count.
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 0,
    shouldRetry: (context) => shouldRetry(context.error),
  });
}
