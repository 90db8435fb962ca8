import { formatCount } from "../terminal/progress.ts";

/** A line about cells that were escaped; none where there are none. */
export function describeEscaped(count: number): string[] {
  if (count === 0) return [];
  const cells =
    count === 1
      ? "1 cell that a spreadsheet would run as a formula has"
      : `${formatCount(count)} cells that a spreadsheet would run as formulas have`;
  return [`${cells} a ' in front; --no-escape-formulas leaves them as they are`];
}
