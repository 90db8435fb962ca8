import type { Limiter } from "./limiter.ts";
import type { LimiterOptions } from "./options.ts";
import { RateLimiter } from "./rate-limiter.ts";

/**
 * Makes a limiter: any number of limits at once, with reservation and settlement, paced so that a server never
 * sees a burst. Limits are told, learned from responses, or discovered from refusals; a server that refuses
 * nothing and only slows down is found out by its throughput. One limiter may serve any number of callers.
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  return new RateLimiter(options);
}
