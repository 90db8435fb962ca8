import type { Dimension, LimitReading } from "@parallel-parrot/limiter";
import type { ProviderResponse } from "../provider.ts";
import { headerOf, parseDurationMs } from "./retry-after.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./windows.ts";

/** The headers that tell one limit. */
export interface LimitHeader {
  readonly dimension: Dimension;
  readonly windowMs: number;
  readonly limit: string;
  readonly remaining: string;
  /** The header for the time until nothing of the limit is used. */
  readonly reset: string;
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

/** The headers of one limit: `*` in `name` stands for `limit`, `remaining` and `reset`. */
export function limitHeader(dimension: Dimension, windowMs: number, name: string): LimitHeader {
  return {
    dimension,
    windowMs,
    limit: name.replace("*", "limit"),
    remaining: name.replace("*", "remaining"),
    reset: name.replace("*", "reset"),
  };
}

/** Reads limits from headers. A limit that is missing, 0, negative or impossibly large is left out as not known. */
export function readLimitHeaders(
  response: ProviderResponse,
  headers: readonly LimitHeader[],
): readonly LimitReading[] {
  const readings: LimitReading[] = [];
  for (const header of headers) {
    const { dimension, windowMs, windowSeconds, times = 1 } = header;
    const limit = Number(headerOf(response, header.limit));
    if (!(limit > 0 && limit <= Number.MAX_SAFE_INTEGER)) continue;
    const remaining = Number(headerOf(response, header.remaining) ?? Number.NaN);
    const seconds = windowSeconds === undefined ? Number.NaN : Number(headerOf(response, windowSeconds));
    const reset = headerOf(response, header.reset);
    const resetMs = reset === undefined ? Number.NaN : readResetMs(reset);
    readings.push({
      dimension,
      windowMs: seconds > 0 ? seconds * 1000 : windowOf(windowMs, { limit, remaining, resetMs }),
      limit: limit * times,
      ...(remaining >= 0 ? { remaining: remaining * times } : {}),
    });
  }
  return readings;
}

/** A duration such as `7m12s`, or a number of seconds; `NaN` for a date or anything else. */
function readResetMs(text: string): number {
  return parseDurationMs(text) ?? (/^\d{1,6}(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Number.NaN);
}

/** Windows that are longer than those that most servers tell. */
const LONGER_MS = [HOUR_MS, DAY_MS];
/** How close the time to the reset must come to one of them. */
const TOLERANCE = 0.1;
/** A window that is reset only after so many of its lengths cannot be the right one. */
const MOST_LENGTHS = 10;

/**
 * The window that a limit is counted in, by the time until it is reset: a limit of a minute takes no longer than that.
 * Where one of 200 requests is used, and it is reset in `7m12s`, all of them are in a day. A bucket that is a little in
 * debt takes longer too, so that the time has to fit a longer window well, or to be much too long for this one.
 */
function windowOf(
  windowMs: number,
  { limit, remaining, resetMs }: { limit: number; remaining: number; resetMs: number },
): number {
  if (!(resetMs > windowMs)) return windowMs;
  const wholeMs = (resetMs * limit) / (limit - remaining);
  const fitting = LONGER_MS.find((longer) => Math.abs(wholeMs / longer - 1) < TOLERANCE);
  if (fitting !== undefined) return fitting;
  return resetMs > MOST_LENGTHS * windowMs
    ? (LONGER_MS.find((longer) => resetMs <= longer) ?? windowMs)
    : windowMs;
}
