import type { ProviderResponse } from "../provider.ts";

/** A header's value; the first one if it was sent several times. */
export function headerOf(response: ProviderResponse, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === "string" ? value : value?.[0];
}

/** When a response was sent, by the server's clock where it tells that: ours may be wrong. */
export function dateOf(response: ProviderResponse): number {
  return Date.parse(headerOf(response, "date") ?? "") || Date.now();
}

/** Seconds as servers write them. The exponents and radixes that JavaScript reads as well are some other value. */
const DECIMAL = /^\d+(?:\.\d+)?$/;

/**
 * How long the server asks us to wait, in milliseconds. It is read from `retry-after-ms`, else from `retry-after` (in
 * seconds or as an HTTP date, RFC 9110 §10.2.3), else from words in the message such as "try again in 6m0.5s". A date
 * is compared with the response's own `Date`, so that a wrong local clock does no harm. `undefined` if the wait is
 * negative, over or unreadable: the caller then waits as long as its own backoff says.
 */
export function readRetryAfterMs(response: ProviderResponse, message: string): number | undefined {
  const fromMs = positive(Number(headerOf(response, "retry-after-ms") ?? Number.NaN));
  if (fromMs !== undefined) return fromMs;
  const retryAfter = headerOf(response, "retry-after")?.trim();
  if (retryAfter !== undefined && retryAfter !== "") {
    const seconds = DECIMAL.test(retryAfter) ? Number(retryAfter) : undefined;
    const wait = seconds === undefined ? Date.parse(retryAfter) - dateOf(response) : seconds * 1000;
    const fromHeader = positive(wait);
    if (fromHeader !== undefined) return fromHeader;
  }
  const words = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|[hms]))+)/i.exec(message)?.[1];
  return words === undefined ? undefined : parseDurationMs(words);
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A Go duration such as `1h2m3.5s` or `370ms`, in milliseconds; `undefined` if the text is none. */
export function parseDurationMs(text: string): number | undefined {
  let total = 0;
  let rest = text;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d+)?)(ms|[hms])/.exec(rest);
    if (part === null) return undefined;
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? 0);
    rest = rest.slice(part[0].length);
  }
  return positive(total);
}

function positive(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
