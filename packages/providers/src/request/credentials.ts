import { ParrotError } from "@parallel-parrot/core";
import type { Provider } from "../provider.ts";

/** How to be let in. */
export interface Credentials {
  readonly authorize: Provider["authorize"];
  /** What was sent last: a server may echo it. Empty where nothing was. */
  readonly secret: () => string;
}

/** A key that stays the same, with the headers it is sent in. */
export function keyCredentials(
  key: string,
  headers: Readonly<Record<string, string>> = bearer(key),
): Credentials {
  return { authorize: () => headers, secret: () => key };
}

/** The header that most servers take a key by; none without a key. */
export function bearer(apiKey: string): Readonly<Record<string, string>> {
  return apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
}

/**
 * A key from an option, else from the first of these environment variables that is set; empty where there is
 * none.
 *
 * @throws ParrotError `INVALID_OPTION` for characters that no key has
 */
export function readKey(option: string | undefined, ...variables: readonly string[]): string {
  // Keys come from files and variables, often with a line end.
  const key = (option ?? fromEnvironment(variables) ?? "").trim();
  if (/^[\x21-\x7E]*$/.test(key)) return key;
  throw new ParrotError("INVALID_OPTION", "Cannot use the API key: it has characters that no key has", {
    option: "apiKey",
  });
}

/** The error of a provider that needs a key and has none. */
export function missingKey(provider: string, ...variables: readonly string[]): ParrotError {
  return new ParrotError(
    "MISSING_KEY",
    `Cannot use ${provider} without a key; set the environment variable ${variables.join(" or ")}`,
  );
}

/** The first of these environment variables that is set. */
export function fromEnvironment(variables: readonly string[]): string | undefined {
  return variables.map((name) => process.env[name]).find((value) => value);
}
