import { describe, expect, it } from "vitest";
import { OPENAI_LIMITS, readLimitHeaders } from "./limit-headers.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

function windowOf(limit: number, remaining: number | undefined, reset: string): number | undefined {
  const headers = {
    "x-ratelimit-limit-requests": String(limit),
    "x-ratelimit-remaining-requests": remaining === undefined ? undefined : String(remaining),
    "x-ratelimit-reset-requests": reset,
  };
  return readLimitHeaders({ status: 200, headers, body: "" }, OPENAI_LIMITS)[0]?.windowMs;
}

describe("readLimitHeaders", () => {
  it.each([
    ["a bucket of a day, as OpenAI tells it", 200, 199, "7m12s", DAY],
    ["the same, half empty", 200, 100, "12h0m0s", DAY],
    ["the same, empty", 200, 0, "23h59m59.5s", DAY],
    ["a bucket of an hour", 60, 50, "10m0s", HOUR],
    ["a fixed window that ends in hours", 1000, 999, "5h", DAY],
    ["a fixed window that ends within the hour", 1000, 1, "2400", HOUR],
    ["a reset that is far away, with nothing said of what remains", 1000, undefined, "20m", HOUR],
    ["a bucket of a minute", 500, 400, "12s", MINUTE],
    ["a window of a minute that has just begun", 60, 59, "1m0s", MINUTE],
    ["a bucket of a minute in debt", 500, 0, "1m15s", MINUTE],
    ["a reset that fits no window", 150_000, 149_984, "6m0s", MINUTE],
    ["a date", 200, 199, "2026-11-30T12:00:00Z", MINUTE],
    ["no reset", 200, 199, "", MINUTE],
  ])(
    "readLimitHeaders reads the window from the time until the reset: %s",
    (_, limit, remaining, reset, windowMs) => {
      expect(windowOf(limit, remaining, reset)).toBe(windowMs);
    },
  );
});
