import type { LimitReading } from "@parallel-parrot/limiter";
import { fieldsOf, textOf, type Fields } from "../json-fields.ts";
import { parseDurationMs } from "../limits/retry-after.ts";
import { DAY_MS, MINUTE_MS } from "../limits/windows.ts";

/** A quota that was exceeded, as a refusal tells it. */
interface ExceededQuota {
  /** Such as `GenerateRequestsPerMinutePerProjectPerModel-FreeTier`. */
  readonly id: string;
  /** Such as `generativelanguage.googleapis.com/generate_content_free_tier_requests`. */
  readonly metric: string;
  /** `undefined` if the refusal does not tell it. */
  readonly limit: number | undefined;
}

/** The quotas that a refusal names. */
function exceededQuotas(details: readonly Fields[]): readonly ExceededQuota[] {
  return details
    .flatMap(({ violations }) => (Array.isArray(violations) ? violations.map(fieldsOf) : []))
    .map(({ quotaId, quotaMetric, quotaValue }) => ({
      id: textOf(quotaId),
      metric: textOf(quotaMetric),
      limit: typeof quotaValue === "string" && quotaValue !== "" ? Number(quotaValue) : undefined,
    }));
}

/** How long to wait before the next attempt, such as `44.2s` in `google.rpc.RetryInfo`. */
export function retryDelayMs(details: readonly Fields[] = []): number | undefined {
  const delay = details.map(({ retryDelay }) => textOf(retryDelay)).find((text) => text !== "");
  return delay === undefined ? undefined : parseDurationMs(delay);
}

/** Whether waiting does not help, as the plan has no quota for the model. */
export function hasNoQuota(
  status: number,
  { message, details = [] }: { readonly message: string; readonly details?: readonly Fields[] },
): boolean {
  if (status !== 429) return false;
  return exceededQuotas(details).some(({ limit }) => limit === 0) || /\blimit: 0\b/.test(message);
}

/** Google's APIs have no headers for limits, in any dialect: only a refusal tells the limits that were exceeded. */
export function quotaLimits(details: readonly Fields[] = []): readonly LimitReading[] {
  return exceededQuotas(details).flatMap(({ id, metric, limit }) => {
    const windowMs = windowOf(id);
    if (windowMs === undefined) return [];
    const dimension = /token/i.test(`${id} ${metric}`) ? "inputTokens" : "requests";
    return [{ dimension, windowMs, ...(limit !== undefined && limit > 0 ? { limit } : {}) }];
  });
}

function windowOf(id: string): number | undefined {
  if (id.includes("PerMinute")) return MINUTE_MS;
  return id.includes("PerDay") ? DAY_MS : undefined;
}
