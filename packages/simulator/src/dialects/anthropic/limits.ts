import type { LimitDimension, LimitState } from "../../dialect.ts";

const NAMES: readonly (readonly [LimitDimension, string])[] = [
  ["requests", "requests"],
  ["tokens", "tokens"],
  ["inputTokens", "input-tokens"],
  ["outputTokens", "output-tokens"],
];

/** Limits below this one, which the API does not have, are told without rounding. */
const LEAST_ROUNDED = 10_000;

/** `anthropic-ratelimit-*`, with the time of day at which nothing is used, and `retry-after` in seconds. */
export function writeAnthropicLimits(
  limits: Readonly<Partial<Record<LimitDimension, LimitState>>>,
  waitMs: number | undefined,
  timeMs: number,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [dimension, name] of NAMES) {
    const state = limits[dimension];
    if (state === undefined) continue;
    const { limit, remaining, resetMs } = state;
    const isRounded = dimension !== "requests" && limit >= LEAST_ROUNDED;
    const told = isRounded ? Math.round(remaining / 1000) * 1000 : remaining;
    headers[`anthropic-ratelimit-${name}-limit`] = String(limit);
    headers[`anthropic-ratelimit-${name}-remaining`] = String(told);
    headers[`anthropic-ratelimit-${name}-reset`] = formatSeconds(timeMs + resetMs);
  }
  if (waitMs !== undefined) headers["retry-after"] = String(Math.ceil(waitMs / 1000));
  return headers;
}

/** RFC 3339, in whole seconds that are not before the time. */
function formatSeconds(timeMs: number): string {
  return new Date(Math.ceil(timeMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
