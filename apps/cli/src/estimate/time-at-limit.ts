import type { Provider } from "@parallel-parrot/providers";
import type { Limit } from "@parallel-parrot/transport";

/** A rate limit, and how long all rows take at it. */
export interface LimitTime extends Limit {
  readonly seconds: number;
}

/** What all rows together use. */
export interface Totals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Input tokens that are read from the prompt cache for sure. */
  readonly cachedInputTokens: number;
}

/**
 * How long all rows take at each limit, the longest first. This is the true time only where answers come fast enough
 * to reach the limit.
 */
export function timeAtLimits(
  totals: Totals,
  limits: readonly Limit[],
  provider: Provider,
): readonly LimitTime[] {
  const { requests, inputTokens, outputTokens, cachedInputTokens } = totals;
  if (requests === 0) return [];
  // A mean request stands for all: what a server counts is linear in the tokens.
  const mean = { inputTokens: inputTokens / requests, outputTokens: outputTokens / requests };
  const charge = provider.chargeAfter(
    { inputTokens: mean.inputTokens, expectedOutputTokens: mean.outputTokens },
    { ...mean, cachedInputTokens: cachedInputTokens / requests },
  );
  return limits
    .map((limit) => {
      const amount = (charge[limit.dimension] ?? 0) * requests;
      return { ...limit, seconds: ((amount / limit.limit) * limit.windowMs) / 1000 };
    })
    .toSorted((a, b) => b.seconds - a.seconds);
}
