import type { LimitReading } from "@parallel-parrot/limiter";
import { fieldsOf, parseJson, textOf, type Fields } from "../json-fields.ts";
import { MINUTE_MS } from "./limit-headers.ts";
import type { ProviderResponse } from "../provider.ts";
import { parseDurationMs } from "./retry-after.ts";

/** A quota that was exceeded, as a refusal tells it. */
export interface ExceededQuota {
  /** Such as `GenerateRequestsPerMinutePerProjectPerModel-FreeTier`. */
  readonly id: string;
  /** Such as `generativelanguage.googleapis.com/generate_content_free_tier_requests`. */
  readonly metric: string;
  /** `undefined` if the refusal does not tell it. */
  readonly limit: number | undefined;
}

const DAY_MS = 24 * 60 * MINUTE_MS;

/** The `details` of an error: a list of messages such as `google.rpc.QuotaFailure`. */
export function detailsOf(body: unknown): readonly Fields[] {
  const { details } = fieldsOf(fieldsOf(Array.isArray(body) ? body[0] : body)["error"]);
  return Array.isArray(details) ? details.map(fieldsOf) : [];
}

/** The quotas that a refusal names. */
export function exceededQuotas(details: readonly Fields[]): readonly ExceededQuota[] {
  return details
    .flatMap(({ violations }) => (Array.isArray(violations) ? violations.map(fieldsOf) : []))
    .map(({ quotaId, quotaMetric, quotaValue }) => ({
      id: textOf(quotaId),
      metric: textOf(quotaMetric),
      limit: typeof quotaValue === "string" && quotaValue !== "" ? Number(quotaValue) : undefined,
    }));
}

/** How long to wait before the next attempt, such as `44.2s` in `google.rpc.RetryInfo`. */
export function retryDelayMs(details: readonly Fields[]): number | undefined {
  const delay = details.map(({ retryDelay }) => textOf(retryDelay)).find((text) => text !== "");
  return delay === undefined ? undefined : parseDurationMs(delay);
}

/** The API has no headers for limits: only a refusal tells the limits that were exceeded. */
export function readGeminiLimits(response: ProviderResponse): readonly LimitReading[] {
  if (response.status !== 429) return [];
  return exceededQuotas(detailsOf(parseJson(response.body))).flatMap(({ id, metric, limit }) => {
    const windowMs = windowOf(id);
    if (windowMs === undefined || limit === undefined || !(limit > 0)) return [];
    return [{ dimension: /token/i.test(`${id} ${metric}`) ? "inputTokens" : "requests", windowMs, limit }];
  });
}

function windowOf(id: string): number | undefined {
  if (id.includes("PerMinute")) return MINUTE_MS;
  return id.includes("PerDay") ? DAY_MS : undefined;
}
