import type { Usage } from "@parallel-parrot/core";
import type { ProviderAnswer, ProviderResponse, Rejection } from "../provider.ts";
import { headerOf } from "../limits/retry-after.ts";

/** Whether the status is 2xx. */
export function isSuccess({ status }: Pick<ProviderResponse, "status">): boolean {
  return status >= 200 && status < 300;
}

type Refused = Extract<ProviderAnswer, { readonly ok: false }>;

/**
 * Says why there is no answer.
 *
 * @param usage what has to be paid all the same, if the response tells it
 */
export function rejected(rejection: Rejection, usage?: Usage): Refused {
  const isPaid = usage !== undefined && usage.inputTokens + usage.outputTokens > 0;
  return { ok: false, rejection, ...(isPaid ? { usage } : {}) };
}

/** Like {@linkcode rejected}, for a response that is broken; the request is sent again. */
export function badResponse(message: string, usage?: Usage): Refused {
  return rejected({ verdict: "retry", code: "BAD_RESPONSE", message }, usage);
}

/** The message for a response that is not JSON. */
export function notJson(response: ProviderResponse): string {
  const type = headerOf(response, "content-type") ?? "no content type";
  if (response.body.trim() === "") return `expected JSON, got ${type} and an empty body`;
  // This is more than will be shown: a key is found and taken out only if it is whole, before the message is cut.
  return `expected JSON, got ${type}: ${response.body.slice(0, 4000)}`;
}
