import type { Credentials } from "./authorize.ts";

/** Shorter ones would be found in words, and are none. */
const LEAST_LENGTH = 8;

let last: { readonly credentials: Credentials; readonly secrets: readonly string[] } | undefined;

/** A body without the credentials of its request, which a server may echo. */
export function withoutCredentials(body: string, credentials: Credentials): string {
  // Mostly the same object for all requests.
  if (last?.credentials !== credentials) last = { credentials, secrets: secretsOf(credentials) };
  let text = body;
  for (const secret of last.secrets) if (text.includes(secret)) text = text.replaceAll(secret, "[key]");
  return text;
}

/** Each value, without the scheme: `Bearer KEY`. */
function secretsOf(credentials: Credentials): readonly string[] {
  const whole = Object.values(credentials).map((value) => value.slice(value.indexOf(" ") + 1));
  return whole.flatMap((secret) =>
    secret.length < LEAST_LENGTH
      ? []
      : [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")],
  );
}
