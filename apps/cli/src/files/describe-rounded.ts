import type { RoundedNumbers } from "@parallel-parrot/formats";
import { formatCount } from "../terminal/progress.ts";

/** A line about numbers of the input that were rounded; none where there are none. */
export function describeRounded({ count, first }: Readonly<RoundedNumbers>): string[] {
  if (first === undefined) return [];
  const numbers = count === 1 ? "1 number" : `${formatCount(count)} numbers`;
  const was = count === 1 ? "was" : "were";
  const which = count === 1 ? `: ${first}` : `; the first: ${first}`;
  return [
    `${numbers} of the input ${was} rounded, having more digits than a double${which}; --long-numbers text keeps all digits, as text`,
  ];
}
