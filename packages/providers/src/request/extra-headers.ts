import { ParrotError } from "@parallel-parrot/core";
import type { ProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { secretOfHeader } from "../secrets/secret.ts";
import type { Credentials } from "./credentials.ts";

type Headers = Readonly<Record<string, string>>;

/** The headers that the HTTP client sets, by what the connection and the body are. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** Visible characters and spaces, without a line end: a header cannot have another one in it. */
const VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/;

/**
 * Checks the headers of a user against those that every request has anyway. No message shows a value.
 *
 * @param own headers of the API, by names in lower case
 * @throws ParrotError `INVALID_OPTION` that names the header
 */
export function checkExtraHeaders(
  { headers = {}, secretHeaders = {} }: Pick<ProviderOptions, "headers" | "secretHeaders">,
  own: Headers,
  credentials: Credentials,
): void {
  const seen = new Set<string>();
  for (const [option, given] of Object.entries({ headers, secretHeaders })) {
    for (const [name, value] of Object.entries(given)) {
      const problem =
        problemOf(name, value, own, credentials) ?? (seen.has(name.toLowerCase()) ? TWICE : undefined);
      if (problem !== undefined)
        throw new ParrotError("INVALID_OPTION", `Cannot send the header ${nameOf(name)}: ${problem}`, {
          option,
        });
      seen.add(name.toLowerCase());
    }
  }
}

const TWICE = "it is given twice";

function problemOf(name: string, value: string, own: Headers, credentials: Credentials): string | undefined {
  if (!NAME.test(name)) return "that is not a valid header name";
  if (!VALUE.test(value)) return "its value has characters that a header cannot have";
  const lower = name.toLowerCase();
  if (OF_CONNECTION.has(lower)) return "the connection sets it";
  if (own[lower] !== undefined && own[lower] !== value) return "requests to this API have it already";
  return credentials.headerNames.includes(lower)
    ? "the API key is sent in it; leave out one of the two"
    : undefined;
}

/** A name that is none may be the value, in the wrong place. */
function nameOf(name: string): string {
  return NAME.test(name) ? name : "whose name is not shown";
}

/** Sends secret headers along with the credentials, so that they are kept and shown nowhere. */
export function withSecretHeaders(credentials: Credentials, secretHeaders: Headers = {}): Credentials {
  if (Object.keys(secretHeaders).length === 0) return credentials;
  // Mostly the credentials are the same object for all requests, and then so are the headers.
  let last: { readonly own: Headers; readonly all: Headers } | undefined;
  const merge = (own: Headers): Headers => {
    if (last?.own !== own) last = { own, all: { ...own, ...secretHeaders } };
    return last.all;
  };
  const authorize: Provider["authorize"] = (request) => {
    const own = credentials.authorize(request);
    return own instanceof Promise ? own.then(merge) : merge(own);
  };
  const otherSecrets = Object.entries(secretHeaders).map(([name, value]) => secretOfHeader(name, value));
  return { ...credentials, authorize, otherSecrets };
}
