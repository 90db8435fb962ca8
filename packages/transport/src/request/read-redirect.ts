import type { ProviderAnswer, ProviderResponse } from "@parallel-parrot/providers";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * What to do about a response of the status 3xx: a redirect is not followed, and any other, such as a 304 from a proxy,
 * is no answer. `undefined` for any other status.
 */
export function readRedirect({ status, headers }: ProviderResponse): ProviderAnswer | undefined {
  if (status < 300 || status >= 400) return undefined;
  const { location } = headers;
  if (location === undefined && !REDIRECTS.has(status)) {
    const message = `HTTP ${status}: the server gives no answer, and no other place for it`;
    return { ok: false, rejection: { verdict: "retry", code: "BAD_RESPONSE", message } };
  }
  const host = URL.parse(typeof location === "string" ? location : "")?.host ?? "another place";
  const message = `HTTP ${status}: the server redirects to ${host}; redirects are not followed, as they would carry the key there. Set the base URL to the right one`;
  return { ok: false, rejection: { verdict: "stop", code: "REDIRECTED", message } };
}
