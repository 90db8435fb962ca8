import type { Charge, Dimension } from "../quota/charge.ts";

/** The requests that wait at a limiter. */
export interface Demand {
  readonly waiting: number;
  /** The one that waits first; `undefined` where nobody waits. */
  readonly first: Charge | undefined;
  /** What those that wait take on average. */
  readonly mean: Charge;
}

/** Amounts by dimension that are added up. */
export type Amounts = Partial<Record<Dimension, number>>;

/** Adds a charge, `factor` times. */
export function addTo(amounts: Amounts, charge: Charge, factor: number = 1): void {
  for (const dimension of dimensionsOf(charge))
    amounts[dimension] = (amounts[dimension] ?? 0) + factor * (charge[dimension] ?? 0);
}

export function dimensionsOf(charge: Charge): readonly Dimension[] {
  // A charge has no other keys.
  return Object.keys(charge) as Dimension[];
}

/** A charge with each of its amounts changed. */
export function mapCharge(charge: Charge, change: (amount: number, dimension: Dimension) => number): Charge {
  const changed: Amounts = {};
  for (const dimension of dimensionsOf(charge))
    changed[dimension] = change(charge[dimension] ?? 0, dimension);
  return changed;
}
