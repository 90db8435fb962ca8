import type { BatchInfo } from "./batch/batch-info.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { Capabilities, Provider } from "./provider.ts";

/** What is known of a provider before it is made, as data. */
export interface ProviderInfo {
  /** The name in `--model NAME/MODEL` and in `Provider.name`. */
  readonly name: string;
  /** The name as the vendor spells it. */
  readonly displayName: string;
  /** The environment variables in which the key is looked for, in this order. */
  readonly keyVariables: readonly string[];
  /** Whether the server at the default address demands a key. */
  readonly needsKey: boolean;
  /** The default address; absent if every user has their own. */
  readonly baseUrl?: string;
  /** Environment variables that are parts of the address if there is no base URL, such as a region. */
  readonly placeVariables?: readonly string[];
  /** The environment variables in which another base URL is looked for, in this order. */
  readonly baseUrlVariables: readonly string[];
  /** All other environment variables that it reads, such as an account or a version. */
  readonly otherVariables?: readonly string[];
  /** Whether the model is a file that is loaded into this process: there is no server and no key. @default false */
  readonly isInProcess?: true;
  /** What the API at the default address can do. */
  readonly capabilities: Capabilities;
  /** How many requests can be one job; see {@linkcode Provider.batch}. @default they cannot */
  readonly batch?: BatchInfo;
}

/** A provider that can be chosen by name. */
export interface ProviderEntry extends ProviderInfo {
  /**
   * Makes the provider from the options that all providers have; anything else comes from the environment.
   *
   * @throws ParrotError `MISSING_KEY`, or `INVALID_OPTION` that says what else has to be set
   */
  create(options: ProviderOptions): Provider;
}
