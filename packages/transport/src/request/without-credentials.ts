import { secretOf, type ProviderResponse, type Secret } from "@parallel-parrot/providers";
import type { Credentials } from "./authorize.ts";

let last: { readonly credentials: Credentials; readonly secrets: readonly Secret[] } | undefined;

/**
 * A response without the credentials of its request, which a server may echo: what it says goes to rows, messages
 * and the journal. An answer is left alone unless the match is a key beyond doubt.
 */
export function withoutCredentials(response: ProviderResponse, credentials: Credentials): ProviderResponse {
  // Mostly the same object for all requests.
  if (last?.credentials !== credentials) last = { credentials, secrets: secretsOf(credentials) };
  const isAnswer = response.status >= 200 && response.status < 300;
  let { body } = response;
  for (const secret of last.secrets)
    body = isAnswer ? secret.removeFromAnswer(body) : secret.removeFrom(body);
  const { location } = response.headers;
  if (typeof location === "string") {
    const place = last.secrets.reduce((text, secret) => secret.removeFrom(text), location);
    return { ...response, body, headers: { ...response.headers, location: place } };
  }
  return body === response.body ? response : { ...response, body };
}

/** Each value, without the scheme: `Bearer KEY`. */
function secretsOf(credentials: Credentials): readonly Secret[] {
  return Object.values(credentials).flatMap((value) => secretOf(value.slice(value.indexOf(" ") + 1)) ?? []);
}
