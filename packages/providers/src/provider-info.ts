import type { Capabilities, Provider } from "./provider.ts";

/** What is known of a provider before one is made, as data. */
export interface ProviderInfo {
  /** As in `--model NAME/MODEL`, and what `Provider.name` says. */
  readonly name: string;
  /** The vendor's own spelling. */
  readonly displayName: string;
  /** Environment variables that the key is looked for in, in this order. */
  readonly keyVariables: readonly string[];
  /** Whether its default address answers nobody without a key. */
  readonly needsKey: boolean;
  /** Where requests go unless told otherwise; absent where every user has an address of their own. */
  readonly baseUrl?: string;
  /** Environment variables that make up the address where a base URL does not, such as that of a region. */
  readonly placeVariables?: readonly string[];
  /** Environment variables that another base URL is looked for in, in this order. */
  readonly baseUrlVariables: readonly string[];
  /** At the default address. */
  readonly capabilities: Capabilities;
}

/** A provider that can be chosen by its name. */
export interface ProviderEntry extends ProviderInfo {
  /**
   * Makes it with nothing but what all providers know; the rest comes from the environment.
   *
   * @throws ParrotError `MISSING_KEY`, or `INVALID_OPTION` that says what else has to be set
   */
  create(options: { readonly model: string; readonly apiKey?: string; readonly baseUrl?: string }): Provider;
}
