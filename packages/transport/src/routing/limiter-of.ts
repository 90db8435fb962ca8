import { createLimiter, type Limiter, type RateLimits } from "@parallel-parrot/limiter";
import type { Provider } from "@parallel-parrot/providers";
import type { CompletionOptions } from "../options.ts";

/** Makes the limiter of one endpoint, where none is given. */
export function limiterOf(
  { concurrency: most }: Pick<Provider, "concurrency">,
  limits: RateLimits | undefined,
  { concurrency = most }: Pick<CompletionOptions, "concurrency">,
): Limiter {
  return createLimiter({
    ...(limits === undefined ? {} : { limits }),
    // It begins with what is told, as there is nothing to find out.
    ...(concurrency === undefined ? {} : { maxConcurrency: Math.min(concurrency, most ?? concurrency) }),
  });
}
