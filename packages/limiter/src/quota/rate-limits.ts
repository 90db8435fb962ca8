import type { Dimension } from "./charge.ts";

/** Limits as a person knows them. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  /** Input and output together. */
  readonly tokensPerMinute?: number;
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
  readonly requestsPerDay?: number;
  /** Input and output together. */
  readonly tokensPerDay?: number;
}

/** One limit of one window. */
export interface Limit {
  readonly dimension: Dimension;
  readonly windowMs: number;
  readonly limit: number;
}

/** The limit of a longer window is spent as it is needed and not spread over the window. */
const LONGEST_SPREAD_MS = 600_000;

/** Whether a limit is spread over its window, rather than spent as it is needed. */
export function isSpread({ windowMs }: Pick<Limit, "windowMs">): boolean {
  return windowMs <= LONGEST_SPREAD_MS;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const WINDOWS: Readonly<
  Record<keyof RateLimits, { readonly dimension: Dimension; readonly windowMs: number }>
> = {
  requestsPerMinute: { dimension: "requests", windowMs: MINUTE_MS },
  tokensPerMinute: { dimension: "tokens", windowMs: MINUTE_MS },
  inputTokensPerMinute: { dimension: "inputTokens", windowMs: MINUTE_MS },
  outputTokensPerMinute: { dimension: "outputTokens", windowMs: MINUTE_MS },
  requestsPerDay: { dimension: "requests", windowMs: DAY_MS },
  tokensPerDay: { dimension: "tokens", windowMs: DAY_MS },
};

/** Lists named limits. @throws RangeError for a limit that is not above 0 */
export function listLimits(limits: RateLimits): readonly Limit[] {
  const names = Object.keys(WINDOWS) as (keyof RateLimits)[];
  return names.flatMap((name) => {
    const limit = limits[name];
    if (limit === undefined) return [];
    if (!(limit > 0))
      throw new RangeError(`Cannot use the limit ${name}: expected a number above 0, got ${limit}`);
    return [{ ...WINDOWS[name], limit }];
  });
}
