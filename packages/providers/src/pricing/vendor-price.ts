import { findPrice } from "./find-price.ts";
import type { Price } from "./price.ts";
import type { ProviderOptions } from "../provider-options.ts";

/**
 * The listed price of a model, as a property to spread. It holds only at the vendor's own address and in the standard
 * tier: other servers, regional hosts and other service tiers have their own prices.
 */
export function vendorPrice(
  vendor: string,
  isOwnAddress: boolean,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): { readonly price?: Price } {
  const tier = extraBody?.["service_tier"] ?? "default";
  const price = isOwnAddress && tier === "default" ? findPrice(vendor, model) : undefined;
  return price === undefined ? {} : { price };
}
