import { createLimiter, type Limiter, type RateLimits } from "@parallel-parrot/limiter";
import type { Provider } from "@parallel-parrot/providers";
import type { ResolvedOptions } from "../options.ts";

/** Makes the limiter of one endpoint, where none is given. */
export function limiterOf(
  { concurrency: most }: Pick<Provider, "concurrency">,
  limits: RateLimits | undefined,
  { concurrency }: Pick<ResolvedOptions, "concurrency">,
): Limiter {
  const maxConcurrency = Math.min(concurrency, most ?? concurrency);
  return createLimiter({
    ...(limits === undefined ? {} : { limits }),
    maxConcurrency,
    // How many it takes is known, so there is nothing to find out.
    ...(most === undefined ? {} : { startConcurrency: maxConcurrency }),
  });
}
