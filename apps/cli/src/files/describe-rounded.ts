import { counted } from "@parallel-parrot/core";
import type { RoundedNumbers } from "@parallel-parrot/formats";

/** A line about numbers of the input that were rounded; none where there are none. */
export function describeRounded({ count, first }: Readonly<RoundedNumbers>): string[] {
  if (first === undefined) return [];
  const numbers = counted(count, "number of the input was", "numbers of the input were");
  const which = count === 1 ? `: ${first}` : `; the first: ${first}`;
  return [
    `${numbers} rounded, as a number holds only 15 to 17 digits${which}; --long-numbers text keeps all digits, as text`,
  ];
}
