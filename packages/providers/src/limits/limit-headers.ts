import type { Dimension, LimitReading } from "@parallel-parrot/limiter";
import type { ProviderResponse } from "../provider.ts";
import { headerOf } from "./retry-after.ts";

/** A minute, in milliseconds. */
export const MINUTE_MS = 60_000;

/** A pair of headers that tells one limit. */
export interface LimitHeader {
  readonly dimension: Dimension;
  readonly windowMs: number;
  readonly limit: string;
  readonly remaining: string;
  /** The header for the length of the window in seconds, if the server tells it. */
  readonly windowSeconds?: string;
  /** The factor from the header's figures to those of the window: 60 for limits per second. @default 1 */
  readonly times?: number;
}

/** The headers of OpenAI and of several other vendors. */
export const OPENAI_LIMITS: readonly LimitHeader[] = [
  limitHeader("requests", MINUTE_MS, "x-ratelimit-*-requests"),
  limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens"),
];

/** The headers of one limit: `*` in `name` stands for `limit` and for `remaining`. */
export function limitHeader(dimension: Dimension, windowMs: number, name: string): LimitHeader {
  return {
    dimension,
    windowMs,
    limit: name.replace("*", "limit"),
    remaining: name.replace("*", "remaining"),
  };
}

/** Reads limits from headers. A limit that is missing, 0, negative or beyond all
 * counting is not known and left out. */
export function readLimitHeaders(
  response: ProviderResponse,
  headers: readonly LimitHeader[],
): readonly LimitReading[] {
  const readings: LimitReading[] = [];
  for (const { dimension, windowMs, windowSeconds, times = 1, ...names } of headers) {
    const limit = Number(headerOf(response, names.limit));
    if (!(limit > 0 && limit <= Number.MAX_SAFE_INTEGER)) continue;
    const remaining = Number(headerOf(response, names.remaining) ?? Number.NaN);
    const seconds = windowSeconds === undefined ? Number.NaN : Number(headerOf(response, windowSeconds));
    readings.push({
      dimension,
      windowMs: seconds > 0 ? seconds * 1000 : windowMs,
      limit: limit * times,
      ...(remaining >= 0 ? { remaining: remaining * times } : {}),
    });
  }
  return readings;
}
