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
  /** A header with the length of the window in seconds, where the server tells it. */
  readonly windowSeconds?: string;
  /** What the header counts in units of; a limit per second is told as one per minute. @default 1 */
  readonly times?: number;
}

/** As OpenAI names them; several others do too. */
export const OPENAI_LIMITS: readonly LimitHeader[] = [
  limitHeader("requests", MINUTE_MS, "x-ratelimit-*-requests"),
  limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens"),
];

/** A limit of `windowMs`, with a `*` in the headers' name for `limit` and `remaining`. */
export function limitHeader(dimension: Dimension, windowMs: number, name: string): LimitHeader {
  return {
    dimension,
    windowMs,
    limit: name.replace("*", "limit"),
    remaining: name.replace("*", "remaining"),
  };
}

/** Reads limits from headers; what is missing, 0 or negative means "not known". */
export function readLimitHeaders(
  response: ProviderResponse,
  headers: readonly LimitHeader[],
): readonly LimitReading[] {
  const readings: LimitReading[] = [];
  for (const { dimension, windowMs, windowSeconds, times = 1, ...names } of headers) {
    const limit = Number(headerOf(response, names.limit));
    if (!(limit > 0)) continue;
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
