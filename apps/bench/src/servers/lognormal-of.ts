/** The 0.99 quantile of the standard normal distribution. */
const Z99 = 2.326_347_9;

/** The latency of a row in ms, drawn from a lognormal distribution by the row's number alone. */
export function lognormalOf(
  row: number,
  { medianMs, p99OverMedian }: { readonly medianMs: number; readonly p99OverMedian: number },
): number {
  const normal =
    Math.sqrt(-2 * Math.log(uniformOf(2 * row))) * Math.cos(2 * Math.PI * uniformOf(2 * row + 1));
  return medianMs * Math.exp((normal * Math.log(p99OverMedian)) / Z99);
}

/** A number in (0, 1] that depends on the seed only: the mixing steps of SplitMix32. */
function uniformOf(seed: number): number {
  let mixed = Math.imul(seed + 1, 0x9e_37_79_b9);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21_f0_aa_ad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x73_5a_2d_97);
  return (((mixed ^ (mixed >>> 15)) >>> 0) + 1) / 2 ** 32;
}
