import { nearestNames, ParrotError, quote } from "@parallel-parrot/core";
import { findPrice, pricedModels, type Price } from "@parallel-parrot/providers";

/** What options say of prices. */
export interface PriceOptions {
  readonly price?: Price | undefined;
  /** `PROVIDER/MODEL`, or `MODEL=PROVIDER/MODEL` for one or several models by name, with commas between. */
  readonly priceOf?: string | undefined;
}

/**
 * The price that options give for the one model that is asked: their own, or that of a model of the list, which another
 * server has under another name. `undefined` leaves it to the provider.
 *
 * @throws ParrotError `INVALID_OPTION` for both at once, or a model that the list does not have
 */
export function priceOf({
  model = "",
  ...options
}: PriceOptions & { readonly model?: string | undefined }): Price | undefined {
  const { price, priceOf: listed } = options;
  if (listed === undefined) return price;
  if (price !== undefined)
    throw refused("Cannot take two prices: give either --price RATES or --price-of PROVIDER/MODEL");
  return listed.includes("=") ? pricesOf(options, new Set([model])).get(model) : listedPrice(listed);
}

/**
 * The prices that options give for several models, by their names.
 *
 * @throws ParrotError `INVALID_OPTION` for a price that is not said to be of one of them
 */
export function pricesOf(
  { priceOf: listed }: PriceOptions,
  models: ReadonlySet<string>,
): ReadonlyMap<string, Price> {
  const prices = new Map<string, Price>();
  for (const part of listed?.split(",") ?? []) {
    const [name = "", ...rest] = part.split("=");
    if (rest.length === 0)
      throw refused(
        `Cannot tell which of several models costs as much as ${quote(part)}; name it: --price-of ${[...models][0] ?? "MODEL"}=${part}`,
      );
    if (!models.has(name.trim()))
      throw refused(`Cannot give ${quote(name.trim())} a price: asked are ${[...models].join(", ")}`);
    prices.set(name.trim(), listedPrice(rest.join("=").trim()));
  }
  return prices;
}

function listedPrice(model: string): Price {
  const [, provider = "", name = ""] = /^([^/]*)\/(.*)$/s.exec(model) ?? [];
  const listed = findPrice(provider, name);
  if (listed !== undefined) return listed;
  const near = nearestNames(model, pricedModels());
  const hint = near.length === 0 ? "" : ` (did you mean ${near.join(" or ")}?)`;
  throw refused(
    `The list has no price of ${quote(model)}${hint}; give the rates themselves: --price input=DOLLARS,output=DOLLARS`,
  );
}

function refused(message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option: "--price-of" });
}
