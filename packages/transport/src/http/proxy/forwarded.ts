import type { Dispatcher } from "undici";
import type { Proxy } from "./proxy-of.ts";

type Headers = NonNullable<Dispatcher.DispatchOptions["headers"]>;

/** A request to an `http:` origin as a proxy takes it: with the whole address, and with the proxy's credentials. */
export function forwarded(
  options: Dispatcher.DispatchOptions,
  origin: URL,
  { headers }: Proxy,
): Dispatcher.DispatchOptions {
  const path = `${origin.origin}${options.path}`;
  return { ...options, path, headers: withHeaders(options.headers ?? {}, headers) };
}

function withHeaders(given: Headers, added: Proxy["headers"]): Headers {
  if (Array.isArray(given)) return [...given, ...Object.entries(added).flat()];
  return Symbol.iterator in given ? [...given, ...Object.entries(added)] : { ...given, ...added };
}
