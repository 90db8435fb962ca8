import type { ProviderAnswer, ProviderResponse, Rejection } from "../provider.ts";
import { redact } from "../secrets/redact.ts";
import { headerOf } from "../limits/retry-after.ts";

/** An answer that is none. */
export function rejected(rejection: Rejection): ProviderAnswer {
  return { ok: false, rejection };
}

/** What to say of a response that is not JSON. */
export function notJson(response: ProviderResponse): string {
  const type = headerOf(response, "content-type") ?? "no content type";
  // Far more than is shown: a key must be whole to be found and taken out before the message is shortened.
  return `HTTP ${response.status}: expected JSON, got ${type}: ${response.body.slice(0, 4000)}`;
}

/**
 * An answer with the key taken out of its message. Where no key was sent, it says which variable holds one, or,
 * with no variable, how to pass one.
 */
export function withoutSecret(answer: ProviderAnswer, secret: string, variable: string): ProviderAnswer {
  if (answer.ok) return answer;
  const { rejection } = answer;
  const hasNoKey = secret === "" && rejection.code === "AUTHENTICATION";
  const remedy = variable === "" ? "pass one as apiKey" : `set the environment variable ${variable}`;
  const hint = hasNoKey ? `; no key was sent, ${remedy}` : "";
  return { ...answer, rejection: { ...rejection, message: `${redact(rejection.message, secret)}${hint}` } };
}
