import { limitHeader, readLimitHeaders } from "../limits/limit-headers.ts";
import { MINUTE_MS } from "../limits/windows.ts";
import type { LimitReading } from "@parallel-parrot/limiter";
import type { ProviderResponse } from "../provider.ts";
import { dateOf, headerOf } from "../limits/retry-after.ts";

/** The three headers of `tokens` are left out: they repeat whichever of the other limits is tightest. */
const NAMES = ["requests", "input-tokens", "output-tokens"] as const;
const DIMENSIONS = {
  requests: "requests",
  "input-tokens": "inputTokens",
  "output-tokens": "outputTokens",
} as const;
const LIMITS = NAMES.map((name) => limitHeader(DIMENSIONS[name], MINUTE_MS, `anthropic-ratelimit-${name}-*`));

/** All limits are per minute and refill continuously. Source: Anthropic, "Rate limits". */
export function readAnthropicLimits(response: ProviderResponse): readonly LimitReading[] {
  return readLimitHeaders(response, LIMITS);
}

/**
 * How long it takes until an exhausted limit is full again. The headers tell the time of the reset (RFC 3339), which
 * is compared with the response's own date. Used for refusals that have no `retry-after`.
 */
export function untilRefilledMs(response: ProviderResponse): number | undefined {
  const now = dateOf(response);
  const waits = NAMES.filter(
    (name) => headerOf(response, `anthropic-ratelimit-${name}-remaining`) === "0",
  ).map((name) => Date.parse(headerOf(response, `anthropic-ratelimit-${name}-reset`) ?? "") - now);
  const longest = Math.max(...waits.filter((wait) => wait > 0));
  return Number.isFinite(longest) ? longest : undefined;
}
