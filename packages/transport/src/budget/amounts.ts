import { counted } from "@parallel-parrot/core";
import { toDollars, toPicodollars } from "./cost.ts";
import { formatDollars } from "./format-dollars.ts";

/** An amount of everything that a budget counts. */
export interface Spending {
  readonly requests: number;
  readonly tokens: number;
  /** US dollars; 0 where the price is not known. */
  readonly cost: number;
}

export const DIMENSIONS = ["requests", "tokens", "cost"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** A {@linkcode Spending} in whole numbers, so that sums are exact: the cost is in picodollars. */
export type Amounts = Record<Dimension, number>;

export function nothing(): Amounts {
  return { requests: 0, tokens: 0, cost: 0 };
}

/** Adds to a sum, or takes away from it. */
export function add(sum: Amounts, amounts: Readonly<Amounts>, sign: 1 | -1): void {
  for (const dimension of DIMENSIONS) sum[dimension] += sign * amounts[dimension];
}

export function toAmounts(
  { requests, tokens, cost }: Spending,
  roundTokens: (tokens: number) => number,
): Amounts {
  return { requests, tokens: roundTokens(tokens), cost: toPicodollars(cost) };
}

export function toSpending({ requests, tokens, cost }: Readonly<Amounts>): Spending {
  return { requests, tokens, cost: toDollars(cost) };
}

/** An amount as a person reads it, such as `$5.00` or `1,000 tokens`. */
export function formatAmount(dimension: Dimension, amount: number): string {
  if (dimension === "cost") return formatDollars(toDollars(amount));
  return counted(amount, dimension === "requests" ? "request" : "token");
}
