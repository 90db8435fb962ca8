import type { BatchPrice, Price, Rates } from "@parallel-parrot/providers";

/** What tokens cost in a batch, of which the direct price is known. */
export function batchPriceOf(
  price: Price,
  { factor, spareCached }: Pick<BatchPrice, "factor" | "spareCached">,
): Price {
  const ratesOf = ({ input, output, cachedInput, cacheWrite }: Rates): Rates => ({
    input: input * factor,
    output: output * factor,
    ...(cachedInput === undefined ? {} : { cachedInput: cachedInput * (spareCached === true ? 1 : factor) }),
    ...(cacheWrite === undefined ? {} : { cacheWrite: cacheWrite * factor }),
  });
  const { longContext } = price;
  return {
    ...price,
    ...ratesOf(price),
    ...(longContext === undefined ? {} : { longContext: { ...longContext, ...ratesOf(longContext) } }),
  };
}
