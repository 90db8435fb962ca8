import type { Row } from "@parallel-parrot/core";
import type { Price, Provider } from "@parallel-parrot/providers";
import { isModelByRow } from "@parallel-parrot/transport";
import type { RunOptions } from "../job/run-options.ts";

type Choosing = Pick<RunOptions, "provider" | "rowParams">;

/** The provider that a row chooses; that of all rows where it chooses none. */
export function providerFor(row: Row, { provider }: Choosing): Provider {
  if (!isModelByRow(provider)) return provider;
  try {
    return provider.models.get(provider.nameOf(row))?.provider ?? provider;
  } catch {
    // The row fails when it is asked, with the reason.
    return provider;
  }
}

/** The price of the model that a row is asked of; `undefined` where it is not known. */
export function priceFor(row: Row, options: Choosing & Pick<RunOptions, "price">): Price | undefined {
  const { provider, price } = options;
  if (price !== undefined || !isModelByRow(provider)) return price ?? provider.price;
  try {
    const chosen = provider.models.get(provider.nameOf(row));
    return chosen?.price ?? chosen?.provider.price;
  } catch {
    return undefined;
  }
}

/** What a row decides itself of how it is asked, as a text; empty where it decides nothing that can be used. */
export function ownOf(row: Row, { provider, rowParams }: Choosing): string {
  if (!isModelByRow(provider) && rowParams === undefined) return "";
  try {
    const name = isModelByRow(provider) ? provider.nameOf(row) : "";
    return JSON.stringify([name, rowParams?.(row) ?? {}]);
  } catch {
    return "";
  }
}
