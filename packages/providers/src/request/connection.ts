import { ParrotError } from "@parallel-parrot/core";
import { fromEnvironment, missingKey, readKey } from "./credentials.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";

/** The address of an API, and the key for it. */
export interface Connection {
  readonly baseUrl: string;
  /** Empty if there is none. */
  readonly apiKey: string;
  /** Whether the server is the vendor's, possibly a regional one. */
  readonly isVendor: boolean;
  /** Whether it is the default address, for which the vendor's list prices hold. */
  readonly isDefault: boolean;
}

/**
 * Finds address and key: among the options, else in the environment; else the address is the default.
 *
 * @throws ParrotError `MISSING_KEY` if the vendor's own server is to be asked and there is no key, `INVALID_OPTION`
 * if no address is known or if address or key are malformed
 */
export function connect(
  info: ProviderInfo,
  options: Pick<ProviderOptions, "apiKey" | "baseUrl">,
): Connection {
  const given = options.baseUrl ?? fromEnvironment(info.baseUrlVariables) ?? info.baseUrl;
  if (given === undefined) throw missingUrl(info);
  const baseUrl = checkBaseUrl(given);
  const apiKey = readKey(options.apiKey, ...info.keyVariables);
  const isVendor = info.baseUrl !== undefined && isHostOf(baseUrl, info.baseUrl);
  if (isVendor && info.needsKey && apiKey === "") throw missingKey(info.displayName, ...info.keyVariables);
  return { baseUrl, apiKey, isVendor, isDefault: baseUrl === info.baseUrl };
}

function isHostOf(url: string, vendorUrl: string): boolean {
  const [host, vendor] = [new URL(url).hostname, new URL(vendorUrl).hostname];
  return host === vendor || host.endsWith(`.${vendor}`);
}

function missingUrl({ displayName, baseUrlVariables }: ProviderInfo): ParrotError {
  const variables = baseUrlVariables.map((name) => ` or set the environment variable ${name}`).join("");
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot tell where ${displayName} is: pass its address as baseUrl${variables}`,
    { option: "baseUrl" },
  );
}

/**
 * Checks a base URL and takes the slash off its end.
 *
 * @throws ParrotError `INVALID_OPTION` if it is not an http URL, or contains credentials or a query
 */
export function checkBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ParrotError(
      "INVALID_OPTION",
      // Parts that may hold a secret are left out.
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
