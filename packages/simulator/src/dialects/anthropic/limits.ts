import type { LimitDimension, LimitState } from "../../dialect.ts";

const NAMES: readonly (readonly [LimitDimension, string])[] = [
  ["requests", "requests"],
  ["tokens", "tokens"],
  ["inputTokens", "input-tokens"],
  ["outputTokens", "output-tokens"],
];

/** The API rounds what it tells; limits below this one, which only tests have, are told exactly. */
const LEAST_ROUNDED = 10_000;

/** Writes `anthropic-ratelimit-*` with the time at which nothing will be used, and `retry-after` in seconds. */
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

/** Formats a time by RFC 3339, rounded up to whole seconds. */
function formatSeconds(timeMs: number): string {
  return new Date(Math.ceil(timeMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
