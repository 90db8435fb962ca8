import { ParrotError } from "@parallel-parrot/core";
import { fromEnvironment, missingKey, readKey } from "./credentials.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";

/** Where requests go and with which key. */
export interface Connection {
  readonly baseUrl: string;
  /** Empty where there is none. */
  readonly apiKey: string;
  /** Whether the server is the vendor's, a regional host of it included. */
  readonly isVendor: boolean;
  /** Whether it is the very address that the vendor's list prices hold for. */
  readonly isDefault: boolean;
}

/**
 * Finds address and key: from the options, else from the environment, else the provider's default.
 *
 * @throws ParrotError `MISSING_KEY` where the vendor's own server is meant and there is no key, `INVALID_OPTION`
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
