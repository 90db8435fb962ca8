import type { LimitReading } from "@parallel-parrot/limiter";
import { readErrorBody } from "../errors/error-body.ts";
import { parseJson } from "../json-fields.ts";
import { MINUTE_MS } from "../limits/windows.ts";
import type { ProviderResponse } from "../provider.ts";

/** No header tells the limit. A refusal tells it in words: "limited to 20 API calls / minute". */
export function readCohereLimits(response: ProviderResponse): readonly LimitReading[] {
  if (response.status !== 429) return [];
  const { message } = readErrorBody(parseJson(response.body));
  const limit = Number(/limited to (\d+) API calls ?(?:\/|per) ?minute/i.exec(message)?.[1]);
  return limit > 0 ? [{ dimension: "requests", windowMs: MINUTE_MS, limit }] : [];
}
