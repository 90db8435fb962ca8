import type { ProviderAnswer, ProviderResponse } from "@parallel-parrot/providers";

/** Refuses a redirect, which is not followed; `undefined` for any other response. */
export function readRedirect({ status, headers }: ProviderResponse): ProviderAnswer | undefined {
  if (status < 300 || status >= 400) return undefined;
  const { location } = headers;
  const host = URL.parse(typeof location === "string" ? location : "")?.host ?? "another place";
  const message = `HTTP ${status}: the server redirects to ${host}; redirects are not followed, as they would carry the key there. Set the base URL to the right one`;
  return { ok: false, rejection: { verdict: "stop", code: "REDIRECTED", message } };
}
