import { describe, expect, it } from "vitest";
import { readErrorBody } from "./error-body.ts";
import { readRefusedLimits, refusedLimit } from "./refused-limit.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

function refusal(body: unknown, date = "Mon, 30 Nov 2026 12:00:00 GMT") {
  return { status: 429, headers: { date }, body: JSON.stringify(body) };
}

function limitOf(body: unknown, date?: string): unknown {
  return refusedLimit(readErrorBody(body), refusal(body, date));
}

const GROQ =
  "Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_1` service tier `on_demand` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing";

function violation(quotaId: string, quotaMetric: string, quotaValue?: string): object {
  return { quotaId, quotaMetric, ...(quotaValue === undefined ? {} : { quotaValue }) };
}

function googleError(...violations: object[]): object {
  const details = [{ "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations }];
  return {
    error: { code: 429, message: "You exceeded your current quota.", status: "RESOURCE_EXHAUSTED", details },
  };
}

const PER_DAY = violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "free_tier_requests", "20");
const PER_MINUTE = violation(
  "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
  "free_tier_requests",
  "5",
);

describe("the limit that a refusal names", () => {
  it.each([
    [GROQ, { dimension: "tokens", windowMs: DAY, limit: 100_000 }],
    [
      "Rate limit reached for gpt-4.1 on requests per min (RPM): Limit 3, Used 3, Requested 1.",
      { dimension: "requests", windowMs: MINUTE, limit: 3 },
    ],
    ["Too many requests: your RPD is used up", { dimension: "requests", windowMs: DAY }],
    [
      "This request would exceed your organization's rate limit of 50,000 input tokens per minute",
      { dimension: "inputTokens", windowMs: MINUTE, limit: 50_000 },
    ],
    ["Rate limit exceeded: free-models-per-day", { dimension: "requests", windowMs: DAY }],
    ["You are limited to 20 API calls / minute", { dimension: "requests", windowMs: MINUTE }],
    ["Too many requests", undefined],
  ])("the limit that a refusal names is read from words: %s", (message, limit) => {
    expect(limitOf({ error: { message } })).toEqual(limit);
  });

  it("the limit that a refusal names is read from Google's details, of several quotas the longest, with the time until midnight in California", () => {
    expect(limitOf(googleError(PER_MINUTE, PER_DAY))).toEqual({
      dimension: "requests",
      windowMs: DAY,
      limit: 20,
      resetMs: 20 * 3_600_000,
    });
    expect(limitOf(googleError(PER_DAY), "Wed, 01 Jul 2026 12:00:00 GMT")).toMatchObject({
      resetMs: 19 * 3_600_000,
    });
    expect(limitOf(googleError(PER_MINUTE))).toEqual({ dimension: "requests", windowMs: MINUTE, limit: 5 });
  });

  it("the limit that a refusal names is kept to from then on: Google's quotas, and of those in words the ones of a day", () => {
    expect(readRefusedLimits(refusal(googleError(PER_MINUTE, PER_DAY)))).toHaveLength(2);
    expect(readRefusedLimits(refusal({ error: { message: GROQ } }))).toEqual([
      { dimension: "tokens", windowMs: DAY, limit: 100_000 },
    ]);
    expect(
      readRefusedLimits(refusal({ error: { message: "on requests per min (RPM): Limit 3, Used 3" } })),
    ).toEqual([]);
    expect(readRefusedLimits({ ...refusal({ error: { message: GROQ } }), status: 200 })).toEqual([]);
  });
});
