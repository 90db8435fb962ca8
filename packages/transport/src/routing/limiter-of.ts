import { createLimiter, type Limiter, type RateLimits } from "@parallel-parrot/limiter";
import type { ResolvedOptions } from "../options.ts";

/** A limiter of one's own for one provider. */
export function limiterOf(limits: RateLimits | undefined, { concurrency }: ResolvedOptions): Limiter {
  return createLimiter({ ...(limits === undefined ? {} : { limits }), maxConcurrency: concurrency });
}
