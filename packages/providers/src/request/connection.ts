import { ParrotError } from "@parallel-parrot/core";
import { type BaseUrl, OPENAI_OPERATIONS, readBaseUrl } from "./base-url.ts";
import { fromEnvironment, missingKey, readKey } from "./credentials.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";

/** The address of an API, and the key for it. */
export interface Connection {
  readonly baseUrl: string;
  /** The address as it was given, and how it was understood. */
  readonly address: BaseUrl;
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
 * @param operations what the API has below its root, which people paste along with it
 * @throws ParrotError `MISSING_KEY` if the vendor's own server is to be asked and there is no key, `INVALID_OPTION`
 * if no address is known or if address or key are malformed
 */
export function connect(
  info: ProviderInfo,
  options: Pick<ProviderOptions, "apiKey" | "baseUrl">,
  operations: RegExp = OPENAI_OPERATIONS,
): Connection {
  const given = options.baseUrl ?? fromEnvironment(info.baseUrlVariables) ?? info.baseUrl;
  if (given === undefined) throw missingUrl(info);
  const address = readBaseUrl(given, operations);
  const { url: baseUrl } = address;
  const apiKey = readKey(options.apiKey, ...info.keyVariables);
  const isVendor = info.baseUrl !== undefined && isHostOf(baseUrl, info.baseUrl);
  if (isVendor && info.needsKey && apiKey === "") throw missingKey(info.displayName, ...info.keyVariables);
  return { baseUrl, address, apiKey, isVendor, isDefault: baseUrl === info.baseUrl };
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
