import { ParrotError } from "@parallel-parrot/core";
import { withoutQuotes } from "./without-quotes.ts";

/** An address as a person gave it, and as it was understood. */
export interface BaseUrl {
  /** The root of the API, without a slash at its end. */
  readonly url: string;
  /** The query of every request, such as `?api-version=2024-10-21`; empty if there is none. */
  readonly query: string;
  /** The version in that query. */
  readonly apiVersion: string | undefined;
  /** What was given, without the parts that may hold a secret. */
  readonly given: string;
  /** Whether more was given than the root, or less. */
  readonly isChanged: boolean;
}

/** Paths of the OpenAI dialects, below their root. */
export const OPENAI_OPERATIONS: RegExp = /\/(?:chat\/completions|completions|responses)$/;

/** Parameters in addresses that are pasted from an example. They ask for a stream, or for what is sent anyway. */
const LEFT_OUT: ReadonlySet<string> = new Set(["alt", "beta"]);

/**
 * Reads an address as people paste it: with the path of one operation at its end (`/chat/completions`), with
 * `?api-version=…`, without a scheme, or in quotes.
 *
 * @param operations what the API has below its root
 * @throws ParrotError `INVALID_OPTION` if it is not an http URL, or contains credentials or another query
 */
export function readBaseUrl(text: string, operations: RegExp = OPENAI_OPERATIONS): BaseUrl {
  const bare = withoutQuotes(text);
  const url = URL.parse(withScheme(bare));
  if (url === null || !/^https?:$/.test(url.protocol) || !isHost(url.hostname)) throw invalidUrl(text);
  const apiVersion = url.searchParams.get("api-version") ?? undefined;
  const others = [...url.searchParams.keys()].filter((name) => name !== "api-version");
  if (url.username !== "" || url.password !== "" || !others.every((name) => LEFT_OUT.has(name))) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use a base URL with credentials or with a query other than api-version; leave them out: a key has an option and a variable of its own, and another secret can be a header",
      { option: "baseUrl" },
    );
  }
  const query = apiVersion === undefined ? "" : `?api-version=${encodeURIComponent(apiVersion)}`;
  const root = `${url.origin}${url.pathname}`.replace(/(?<!\/)\/+$/, "");
  const read = root.replace(operations, "").replace(/(?<!\/)\/+$/, "");
  const isChanged = read !== root || !bare.includes("://") || others.length > 0;
  const given = `${bare.replace(/[?#].*/s, "")}${query}`;
  return { url: read, query, apiVersion, given, isChanged };
}

/** What a person is told of an address that was not taken as it was given, in whole sentences. */
export function notesOn({ given, isChanged, query }: BaseUrl, baseUrl: string): readonly string[] {
  const version = query === "" ? "" : `, and ${query.slice(1)} is sent with every request`;
  return isChanged ? [`The base URL ${given} is understood as ${baseUrl}${version}`] : [];
}

/** A scheme that was written twice or with one slash is taken for a host, and so is a variable that nobody filled in. */
function isHost(hostname: string): boolean {
  return /^(?:\[[\da-f:.]+\]|[\w.-]+)$/.test(hostname) && !/^https?$/.test(hostname);
}

/** Machines of one's own seldom have a certificate; to any other the key must not go in the clear. */
function withScheme(text: string): string {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return text;
  const host = /^(?:\[[^\]]*\]|[^:/?#]*)/.exec(text)?.[0] ?? "";
  return `${isNearby(host) ? "http" : "https"}://${text}`;
}

/** Whether a host is this machine, or one of the same network. */
function isNearby(host: string): boolean {
  return (
    !host.includes(".") ||
    /\.(?:localhost|local|lan|home|internal|test|home\.arpa)$/i.test(host) ||
    /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d+)+$/.test(host)
  );
}

function invalidUrl(text: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    // Parts that may hold a secret are left out.
    `Cannot use the base URL "${text.replace(/[?#].*/s, "").replace(/^.*@/, "")}"; give one like http://localhost:8000/v1`,
    { option: "baseUrl" },
  );
}
