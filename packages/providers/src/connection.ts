import { ParrotError } from "@parallel-parrot/core";

/**
 * A base URL without the slash at its end.
 *
 * @throws ParrotError `INVALID_OPTION` for what is no http URL, or has credentials or a query in it
 */
export function checkBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ParrotError(
      "INVALID_OPTION",
      // Without what may be a secret in it.
      `Cannot use the base URL "${text.replace(/[?#].*/, "").replace(/\/\/.*@/, "//")}"; give one like http://localhost:8000/v1`,
      { option: "baseUrl" },
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use a base URL with credentials or a query in it; pass the key as apiKey",
      { option: "baseUrl" },
    );
  }
  return url.href.replace(/\/+$/, "");
}

/**
 * A key from an option, else from the first of these environment variables that is set; empty where there is
 * none.
 *
 * @throws ParrotError `INVALID_OPTION` for characters that no key has
 */
export function readKey(option: string | undefined, ...variables: readonly string[]): string {
  const fromEnvironment = variables.map((name) => process.env[name]).find((value) => value);
  // Keys come from files and variables, often with a line end.
  const key = (option ?? fromEnvironment ?? "").trim();
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
