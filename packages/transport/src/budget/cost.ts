import type { Usage } from "@parallel-parrot/core";
import type { Price, Rates } from "@parallel-parrot/providers";

/**
 * Picodollars in a dollar. Money is counted in whole picodollars: a price per million tokens with up to six decimals
 * is then a whole number for each token. So sums are exact up to $9,007, and beyond that off by less than a
 * millionth of a cent.
 */
const PICODOLLARS = 1e12;
const TOKENS_PRICED = 1e6;

/** Converts dollars into whole picodollars. */
export function toPicodollars(dollars: number): number {
  return Math.round(dollars * PICODOLLARS);
}

/** Converts picodollars into dollars. */
export function toDollars(picodollars: number): number {
  return picodollars / PICODOLLARS;
}

/** What one request cost, in US dollars. Reasoning counts as output; cached input has a price of its own. */
export function costOf(usage: Usage, price: Price): number {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens = 0 } = usage;
  const rates = ratesFor(inputTokens, price);
  const { input, cachedInput = input, cacheWrite = input, output } = rates;
  const plainTokens = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  return toDollars(
    plainTokens * perToken(input) +
      cachedInputTokens * perToken(cachedInput) +
      cacheWriteTokens * perToken(cacheWrite) +
      outputTokens * perToken(output),
  );
}

/** What a request would have cost without a prompt cache, in US dollars. */
export function uncachedCostOf(usage: Usage, price: Price): number {
  return costOf({ ...usage, cachedInputTokens: 0, cacheWriteTokens: 0 }, price);
}

/** The most that a request of so many tokens can cost, in US dollars. */
export function worstCostOf(inputTokens: number, outputTokens: number, price: Price): number {
  const costs = [price, ratesFor(inputTokens, price)].map(
    ({ input, cachedInput = input, cacheWrite = input, output }) =>
      inputTokens * perToken(Math.max(input, cachedInput, cacheWrite)) + outputTokens * perToken(output),
  );
  return toDollars(Math.max(...costs));
}

function ratesFor(inputTokens: number, price: Price): Rates {
  const { longContext } = price;
  return longContext !== undefined && inputTokens > longContext.over ? longContext : price;
}

function perToken(rate: number): number {
  return Math.round((rate * PICODOLLARS) / TOKENS_PRICED);
}
