import type { ProviderAnswer, ProviderResponse } from "@parallel-parrot/providers";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * What to do about a response of the status 3xx: a redirect that the HTTP client has not followed stops the run, and
 * any other, such as a 304 from a proxy, is no answer. `undefined` for any other status.
 */
export function readRedirect({ status, headers }: ProviderResponse): ProviderAnswer | undefined {
  if (status < 300 || status >= 400) return undefined;
  const { location } = headers;
  if (location === undefined && !REDIRECTS.has(status)) {
    const message = `HTTP ${status}: the server neither answers nor says where to ask instead`;
    return { ok: false, rejection: { verdict: "retry", code: "BAD_RESPONSE", message } };
  }
  const to = placeOf(typeof location === "string" ? location : "");
  const message = `HTTP ${status}: the server redirects to ${to}, which is not followed, as the key would go there too. Set the base URL to the right address`;
  return { ok: false, rejection: { verdict: "stop", code: "REDIRECTED", message } };
}

/** The origin, with its scheme: it may be all that differs. A path without an origin stays on the server. */
function placeOf(location: string): string {
  const origin = URL.parse(location)?.origin;
  if (origin !== undefined) return origin;
  return location.startsWith("/") ? `${location.split("?")[0]} on the same server` : "another place";
}
