import { ParrotError } from "@parallel-parrot/core";
import type { Provider } from "../provider.ts";
import { withoutQuotes } from "./without-quotes.ts";

/** Credentials of any kind, and how to send them. */
export interface Credentials {
  readonly authorize: Provider["authorize"];
  /** The names, in lower case, of the headers that carry them. */
  readonly headerNames: readonly string[];
  /** The secret that was sent last, which a server may repeat in its response. Empty if none was sent. */
  readonly secret: () => string;
  /** Is told that the server refused them, so that they are got anew for the next attempt. @default nothing is done */
  readonly refused?: () => void;
  /** Secrets that are sent besides. @default none */
  readonly otherSecrets?: readonly string[];
}

/** A key that stays the same, and the headers that carry it. */
export function keyCredentials(
  key: string,
  headers: Readonly<Record<string, string>> = bearer(key),
): Credentials {
  const headerNames = Object.keys(headers).map((name) => name.toLowerCase());
  return { headerNames, authorize: () => headers, secret: () => key };
}

/** The header in which most servers expect a key; no header without a key. */
export function bearer(apiKey: string): Readonly<Record<string, string>> {
  return apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
}

/**
 * A key from an option, else from the first of these environment variables that is set; empty if there is none.
 *
 * @throws ParrotError `INVALID_OPTION` for characters that no key has
 */
export function readKey(option: string | undefined, ...variables: readonly string[]): string {
  // Keys are copied from files and variables, often with a line end or with quotes.
  const key = withoutQuotes(option ?? fromEnvironment(variables) ?? "");
  if (/^[\x21-\x7E]*$/.test(key)) return key;
  throw new ParrotError(
    "INVALID_OPTION",
    "Cannot use the API key: it contains characters that a key cannot have",
    {
      option: "apiKey",
    },
  );
}

/** The error for a provider that needs a key and has none. */
export function missingKey(provider: string, ...variables: readonly string[]): ParrotError {
  return new ParrotError("MISSING_KEY", missingKeyWords(provider, variables));
}

/** The same where a library of the vendor, which is not installed, may find one. @param what it finds */
export function missingKeyOrLibrary(
  provider: string,
  variables: readonly string[],
  { library, what }: { readonly library: string; readonly what: string },
): ParrotError {
  const words = missingKeyWords(provider, variables);
  return new ParrotError("MISSING_KEY", `${words}; for ${what}, install ${library}: npm install ${library}`);
}

function missingKeyWords(provider: string, variables: readonly string[]): string {
  return `Cannot use ${provider} without a key; set the environment variable ${variables.join(" or ")}`;
}

/** The value of the first of these environment variables that is set and not empty. */
export function fromEnvironment(variables: readonly string[]): string | undefined {
  return variables.map((name) => process.env[name]).find((value) => value);
}
