import { counted } from "@parallel-parrot/core";
import type { CellChanges } from "@parallel-parrot/formats";

/** What became of cells that the format of the output has no form for, in a line for each kind. */
export function describeCellChanges({ textNumbers, nulledValues }: Readonly<CellChanges>): string[] {
  const lines: string[] = [];
  if (textNumbers > 0)
    lines.push(
      `${counted(textNumbers, "integer was", "integers were")} written as text, as Excel keeps only 15 digits of a number`,
    );
  if (nulledValues > 0)
    lines.push(
      `${counted(nulledValues, "value was", "values were")} written as null, as the format of the output has no NaN and no infinity`,
    );
  return lines;
}
