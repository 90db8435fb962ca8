import type { LimitReading } from "@parallel-parrot/limiter";
import { readErrorBody } from "../../errors/error-body.ts";
import { fieldsOf, parseJson } from "../../json-fields.ts";
import { MINUTE_MS } from "../../limits/limit-headers.ts";
import type { ProviderResponse } from "../../provider.ts";
import { headerOf } from "../../limits/retry-after.ts";

const DAY_MS = 24 * 60 * MINUTE_MS;

/** Answers tell no limit; the refusal of a free model does, in its body: `free-models-per-min`. */
export function readOpenrouterLimits(response: ProviderResponse): readonly LimitReading[] {
  if (response.status !== 429) return [];
  const body = parseJson(response.body);
  const { message } = readErrorBody(body);
  const limit = Number(ownHeadersOf(body)["X-RateLimit-Limit"]);
  const windowMs = windowOf(message);
  return limit > 0 && windowMs !== undefined ? [{ dimension: "requests", windowMs, limit }] : [];
}

/** When the limit is free again, where a refusal says it in its body alone, in milliseconds since 1970. */
export function untilResetMs(response: ProviderResponse): number | undefined {
  if (headerOf(response, "retry-after") !== undefined) return undefined;
  const reset = Number(ownHeadersOf(parseJson(response.body))["X-RateLimit-Reset"]);
  const now = Date.parse(headerOf(response, "date") ?? "") || Date.now();
  return reset > now ? reset - now : undefined;
}

/** The body of a refusal repeats headers of OpenRouter's own, which the response may not have. */
function ownHeadersOf(body: unknown) {
  const { metadata } = fieldsOf(fieldsOf(body)["error"]);
  return fieldsOf(fieldsOf(metadata)["headers"]);
}

function windowOf(message: string): number | undefined {
  if (message.includes("-per-min")) return MINUTE_MS;
  return message.includes("-per-day") ? DAY_MS : undefined;
}
