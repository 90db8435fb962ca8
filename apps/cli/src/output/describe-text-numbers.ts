import { counted } from "@parallel-parrot/core";

/** A line about numbers that an output of Excel has as text; none where there are none. */
export function describeTextNumbers(count: number): string[] {
  if (count === 0) return [];
  return [
    `${counted(count, "integer was", "integers were")} written as text, as Excel keeps only 15 digits of a number`,
  ];
}
