import { PRICE_LISTS } from "./price-lists.ts";
import type { Price } from "./price.ts";

/** A price from the list, and its source. */
export interface ListedPrice extends Price {
  readonly provider: string;
  readonly model: string;
  /** The vendor's own page. */
  readonly source: string;
  /** The day on which it was read, such as `2026-11-26`. */
  readonly date: string;
}

/** The date at the end of a snapshot's name: `-2025-04-14`, `-20251001`. */
const SNAPSHOT = /-\d{4}-?\d{2}-?\d{2}$/;

/**
 * Finds the price of a model by its exact name; the name of a snapshot may end in a date. `undefined` if the list does
 * not have the model: a price is never guessed from a similar name.
 */
export function findPrice(provider: string, model: string): ListedPrice | undefined {
  const list = PRICE_LISTS.find((list) => list.provider === provider);
  const named = (name: string): (typeof PRICE_LISTS)[number]["models"][number] | undefined =>
    list?.models.find((price) => price.model === name);
  const price = named(model) ?? named(model.replace(SNAPSHOT, ""));
  if (list === undefined || price === undefined) return undefined;
  const { source, date } = list;
  return { ...price, provider, source, date };
}

/** The models that the list has a price of, each with its provider: `openai/gpt-4.1-mini`. */
export function pricedModels(): readonly string[] {
  return PRICE_LISTS.flatMap(({ provider, models }) => models.map(({ model }) => `${provider}/${model}`));
}
