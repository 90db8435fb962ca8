import { secretOf, secretOfHeader, type ProviderResponse, type Secret } from "@parallel-parrot/providers";
import type { Credentials } from "./authorize.ts";

let last: { readonly credentials: Credentials; readonly secrets: readonly Secret[] } | undefined;

/**
 * Takes the credentials of its request out of a response. A server may echo them, and what it says goes into rows,
 * messages and the journal. An answer is changed only where the match is a key beyond doubt.
 */
export function withoutCredentials(response: ProviderResponse, credentials: Credentials): ProviderResponse {
  // The credentials are mostly the same object for all requests.
  if (last?.credentials !== credentials) last = { credentials, secrets: secretsOf(credentials) };
  const isAnswer = response.status >= 200 && response.status < 300;
  let { body } = response;
  for (const secret of last.secrets)
    body = isAnswer ? secret.removeFromAnswer(body) : secret.removeFromError(body);
  const { location } = response.headers;
  if (typeof location === "string") {
    const place = last.secrets.reduce((text, secret) => secret.removeFrom(text), location);
    return { ...response, body, headers: { ...response.headers, location: place } };
  }
  return body === response.body ? response : { ...response, body };
}

function secretsOf(credentials: Credentials): readonly Secret[] {
  return Object.entries(credentials).flatMap(([name, value]) => secretOf(secretOfHeader(name, value)) ?? []);
}
