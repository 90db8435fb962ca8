import type { Clock } from "./time/clock.ts";
import type { LimitSource } from "./shared/limit-source.ts";
import type { RateLimits } from "./quota/rate-limits.ts";

/** Options of {@linkcode createLimiter}. */
export interface LimiterOptions {
  /** Limits you know; what the server tells later can only lower them. @default none: learned or discovered */
  readonly limits?: RateLimits;
  /**
   * Where limits are kept that are shared with other limiters, such as those of other processes: `postgresLimit` of
   * `@parallel-parrot/cluster`. Limits that are neither told nor learned are not discovered there.
   * @default none: this limiter counts for itself
   */
  readonly source?: LimitSource;
  /** Requests in flight, at most. @default 10000 */
  readonly maxConcurrency?: number;
  /**
   * Requests in flight to begin with while no limit is known; more after each round trip.
   * @default `maxConcurrency` where that is given, otherwise 16
   */
  readonly startConcurrency?: number;
  /** Whether to send less to a server that refuses nothing and only slows down. @default true */
  readonly latencySignal?: boolean;
  /** @default the process's monotonic clock */
  readonly clock?: Clock;
  /** For jitter; returns [0, 1). @default Math.random */
  readonly random?: () => number;
}

/** @throws RangeError that names the option */
export function checkCount(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`Cannot use the option ${name}: expected a whole number of at least 1, got ${value}`);
}
