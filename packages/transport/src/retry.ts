import type { Clock } from "@parallel-parrot/limiter";
import pRetry from "p-retry";
import { RejectionError } from "./rejection-error.ts";
import { sleep } from "./sleep.ts";

/** Options of {@linkcode withRetry}. */
export interface RetryOptions {
  /** Attempts in all, throttled ones not counted. */
  readonly maxAttempts: number;
  readonly clock: Clock;
  /** Ends the waits between attempts. */
  readonly signal: AbortSignal;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

/**
 * Runs an attempt again while its verdict is `retry` or `wait`. Exponential backoff with full jitter; a hint of
 * the server is a minimum. A throttled attempt costs nothing: the limiter already holds it back. Only a row
 * that failed once pays for the machinery.
 */
export async function withRetry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { maxAttempts, clock, signal } = options;
  let failures = 0;
  async function shouldRetry(error: unknown): Promise<boolean> {
    if (!(error instanceof RejectionError)) return false;
    const { verdict, retryAfterMs = 0 } = error.rejection;
    // The limiter holds throttled requests back, all by one clock.
    if (verdict === "wait") return true;
    if (verdict !== "retry") return false;
    failures += 1;
    if (failures >= maxAttempts) return false;
    const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
    await sleep(clock, retryAfterMs + Math.random() * ceiling, signal);
    return true;
  }
  try {
    return await attempt();
  } catch (error) {
    if (!(await shouldRetry(error))) throw error;
    // Counting and waiting are done above: p-retry knows neither a server's hints nor failures that cost nothing.
    return pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      shouldRetry: (context) => shouldRetry(context.error),
    });
  }
}
