import type { Dimension, LimitReading } from "@parallel-parrot/limiter";
import type { ProviderResponse, RefusedLimit } from "../provider.ts";
import { parseJson } from "../json-fields.ts";
import { dateOf } from "../limits/retry-after.ts";
import { untilMidnightMs } from "../limits/until-midnight.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../limits/windows.ts";
import { readErrorBody, type ErrorBody } from "./error-body.ts";
import { quotaLimits } from "./quota-failure.ts";

/** `tokens per day (TPD)`, `input tokens per minute`, `free-models-per-day`, `20 API calls / minute`. */
const WORDS =
  /\b(?:(input|output|prompt|completion)[ -])?(requests?|tokens?|models|calls)(?:[ -]per[ -]| ?\/ ?)(min(?:ute)?|hour|day)\b/i;
/** The same as letters alone: `RPM`, `TPD`. */
const LETTERS = /\b([RT])P([MHD])\b/;
const WINDOWS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
/** `Limit 100000`, `limit: 20`, `rate limit of 50,000`. */
const FIGURE = /\blimit(?: of|:)? ?(\d[\d,]*)/i;
/** What a server says is in the beginning. */
const MAX_MESSAGE = 2000;
/** Google's day, by which it resets quotas. Source: Gemini API, "Rate limits". */
const GOOGLE_DAY = "America/Los_Angeles";

/** The limit that a refusal names, in the details of Google's APIs or in words; `undefined` if it names none. */
export function refusedLimit(error: ErrorBody, response: ProviderResponse): RefusedLimit | undefined {
  // Where several are named the longest decides, as the others pass while it is waited for.
  const quota = quotaLimits(error.details).toSorted((a, b) => b.windowMs - a.windowMs)[0];
  if (quota === undefined) return limitInWords(error.message);
  if (quota.windowMs < DAY_MS) return quota;
  return { ...quota, resetMs: untilMidnightMs(GOOGLE_DAY, dateOf(response)) };
}

/**
 * The limits that a refusal tells, to be kept to from then on. Words are taken at their word only for limits of an hour
 * or a day: one of a minute is found as soon from the refusals, and what is told of it is often that of a moment.
 */
export function readRefusedLimits(response: ProviderResponse): readonly LimitReading[] {
  if (response.status !== 429) return [];
  const { message, details } = readErrorBody(parseJson(response.body));
  const quotas = quotaLimits(details).filter(({ limit }) => limit !== undefined);
  if (quotas.length > 0) return quotas;
  const told = limitInWords(message);
  return told?.limit !== undefined && told.windowMs > MINUTE_MS ? [told] : [];
}

function limitInWords(message: string): LimitReading | undefined {
  const said = message.slice(0, MAX_MESSAGE);
  const words = WORDS.exec(said);
  const letters = LETTERS.exec(said);
  const windowMs = WINDOWS[(words?.[3] ?? letters?.[2] ?? "").charAt(0).toLowerCase()];
  if (windowMs === undefined) return undefined;
  const limit = Number(FIGURE.exec(said)?.[1]?.replaceAll(",", ""));
  const dimension = dimensionOf(words?.[1], words?.[2] ?? letters?.[1] ?? "");
  return { dimension, windowMs, ...(limit > 0 ? { limit } : {}) };
}

function dimensionOf(side: string | undefined, counted: string): Dimension {
  if (!/^t/i.test(counted)) return "requests";
  if (side === undefined) return "tokens";
  return /^(?:input|prompt)$/i.test(side) ? "inputTokens" : "outputTokens";
}
