import type { Usage } from "@parallel-parrot/core";
import type { ProviderAnswer, ProviderResponse, Rejection } from "../provider.ts";
import { headerOf } from "../limits/retry-after.ts";

/** Whether a status says that there is an answer. */
export function isSuccess({ status }: Pick<ProviderResponse, "status">): boolean {
  return status >= 200 && status < 300;
}

/**
 * Says why there is no answer.
 *
 * @param usage what was paid for all the same, where the response tells
 */
export function rejected(rejection: Rejection, usage?: Usage): ProviderAnswer {
  const isPaid = usage !== undefined && usage.inputTokens + usage.outputTokens > 0;
  return { ok: false, rejection, ...(isPaid ? { usage } : {}) };
}

/** {@linkcode rejected} for a response that is broken in itself: it is asked for again. */
export function badResponse(message: string, usage?: Usage): ProviderAnswer {
  return rejected({ verdict: "retry", code: "BAD_RESPONSE", message }, usage);
}

/** What to say of a response that is not JSON. */
export function notJson(response: ProviderResponse): string {
  const type = headerOf(response, "content-type") ?? "no content type";
  // Far more than is shown: a key must be whole to be found and taken out before the message is shortened.
  return `HTTP ${response.status}: expected JSON, got ${type}: ${response.body.slice(0, 4000)}`;
}
