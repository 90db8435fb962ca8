import type { LimitDimension, LimitState } from "../../dialect.ts";

/** Writes `x-ratelimit-*`, and after a refusal `retry-after` in seconds and in milliseconds. */
export function writeOpenaiLimits(
  limits: Readonly<Partial<Record<LimitDimension, LimitState>>>,
  waitMs: number | undefined,
  formatReset: (ms: number) => string,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const dimension of ["requests", "tokens"] as const) {
    const state = limits[dimension];
    if (state === undefined) continue;
    headers[`x-ratelimit-limit-${dimension}`] = String(state.limit);
    headers[`x-ratelimit-remaining-${dimension}`] = String(state.remaining);
    headers[`x-ratelimit-reset-${dimension}`] = formatReset(state.resetMs);
  }
  if (waitMs !== undefined) {
    headers["retry-after"] = String(Math.ceil(waitMs / 1000));
    headers["retry-after-ms"] = String(Math.ceil(waitMs));
  }
  return headers;
}
