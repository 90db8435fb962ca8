import { counted } from "@parallel-parrot/core";

/** A line about cells that were escaped; none where there are none. */
export function describeEscaped(count: number): string[] {
  if (count === 0) return [];
  const cells = counted(
    count,
    "cell that a spreadsheet would run as a formula has",
    "cells that a spreadsheet would run as formulas have",
  );
  return [`${cells} a ' in front; --no-escape-formulas leaves them as they are`];
}
