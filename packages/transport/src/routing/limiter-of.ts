import { createLimiter, type Limiter, type RateLimits } from "@parallel-parrot/limiter";
import type { ResolvedOptions } from "../options.ts";

/** Makes the limiter of one endpoint, where none is given. */
export function limiterOf(limits: RateLimits | undefined, { concurrency }: ResolvedOptions): Limiter {
  return createLimiter({ ...(limits === undefined ? {} : { limits }), maxConcurrency: concurrency });
}
