import type { ProviderResponse } from "@parallel-parrot/providers";

/** The parts of a URL that a request needs. */
export interface Target {
  readonly origin: string;
  readonly path: string;
  readonly host: string;
}

export function targetOf(url: string | URL): Target {
  const { origin, pathname, search, host } = new URL(url);
  return { origin, path: pathname + search, host };
}

/** Redirects that leave a POST as it is. A 302 or 303 mostly leads to a page for people, such as one to log in. */
const KEEP_THE_METHOD: ReadonlySet<number> = new Set([301, 307, 308]);
const PERMANENT: ReadonlySet<number> = new Set([301, 308]);

/**
 * Where a redirect leads that may be followed: the same origin, with a trailing slash for example. The key and the
 * prompt must go to no other host, and never from `https:` to `http:`. `undefined` for every other response.
 */
export function redirectTarget(
  { status, headers }: Pick<ProviderResponse, "status" | "headers">,
  from: Target,
): Target | undefined {
  const { location } = headers;
  if (!KEEP_THE_METHOD.has(status) || typeof location !== "string") return undefined;
  const url = URL.parse(location, from.origin + from.path);
  return url?.origin === from.origin ? targetOf(url) : undefined;
}

/**
 * Whether the next request should go to the new place at once: where it is told to be for good, or is the same with a
 * trailing slash or without. Web frameworks redirect so with 307. Any other place may be another one the next time, as
 * where a server spreads its requests over several.
 */
export function isLasting(status: number, from: Target, to: Target): boolean {
  return PERMANENT.has(status) || withoutSlash(from.path) === withoutSlash(to.path);
}

function withoutSlash(path: string): string {
  return path.replace(/\/(?=\?|$)/, "");
}
