import type { TotalEstimate } from "./estimate-total.ts";

/** An estimate with its 95 % interval. */
export function formatRange(
  { estimate, low, high }: TotalEstimate,
  format: (amount: number) => string,
): string {
  if (low === high) return format(estimate);
  const upTo =
    high === Number.POSITIVE_INFINITY ? `at least ${format(low)}` : `${format(low)} to ${format(high)}`;
  return `${format(estimate)} (95 %: ${upTo})`;
}
