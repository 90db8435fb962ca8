import { nearestNames, ParrotError, quote } from "@parallel-parrot/core";
import { findPrice, pricedModels, type Price } from "@parallel-parrot/providers";

/**
 * The price that options give: their own, or that of a model of the list, which another server has under another name.
 * `undefined` leaves it to the provider.
 *
 * @throws ParrotError `INVALID_OPTION` for both at once, or a model that the list does not have
 */
export function priceOf({
  price,
  priceOf: model,
}: {
  readonly price?: Price | undefined;
  readonly priceOf?: string | undefined;
}): Price | undefined {
  if (model === undefined) return price;
  if (price !== undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot take two prices: give either --price RATES or --price-of PROVIDER/MODEL",
      { option: "--price-of" },
    );
  }
  const [, provider = "", name = ""] = /^([^/]*)\/(.*)$/s.exec(model) ?? [];
  const listed = findPrice(provider, name);
  if (listed !== undefined) return listed;
  const near = nearestNames(model, pricedModels());
  const hint = near.length === 0 ? "" : ` (did you mean ${near.join(" or ")}?)`;
  throw new ParrotError(
    "INVALID_OPTION",
    `The list has no price of ${quote(model)}${hint}; give the rates themselves: --price input=DOLLARS,output=DOLLARS`,
    { option: "--price-of" },
  );
}
