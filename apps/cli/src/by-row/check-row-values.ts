import { counted, messageOf, ParrotError, rowName, type Row } from "@parallel-parrot/core";
import type { ReadingOptions, SelectionOptions } from "../flags/options.ts";
import { describePlace, findPlace } from "../input/find-place.ts";
import { inputColumns } from "../input/input-columns.ts";
import { rowInput } from "../input/row-input.ts";
import { madeInput } from "../selection/made-input.ts";
import { Selection } from "../selection/selection.ts";
import type { RowValue } from "./row-values.ts";

/**
 * Reads the rows that are asked once, before anything is paid for, and makes sure that each value that a row gives
 * itself can be used. Returns `false` for an input that can be read only once: there, a row whose value cannot be used
 * fails when it is asked.
 *
 * @throws ParrotError `INVALID_INPUT` that names the first row whose value cannot be used
 */
export async function checkRowValues(
  inputs: readonly string[],
  options: ReadingOptions & SelectionOptions,
  values: readonly RowValue[],
): Promise<boolean> {
  const input = await madeInput(await rowInput(inputs, options), options);
  if (!(await input.canBeReadAgain())) return false;
  const source = input.open();
  const columns = await inputColumns(source, input);
  if (columns !== undefined) for (const value of values) value.requireColumns(columns);
  const selection = new Selection(options);
  let position = 0;
  let first: string | undefined;
  let wrong = 0;
  for await (const row of selection.rowsOf(source)) {
    const index = selection.rowIndex(position);
    position += 1;
    const problem = problemOf(row, values);
    if (problem === undefined) continue;
    wrong += 1;
    first ??= `${rowName(index)}${describePlace(findPlace(source, index))}: ${problem}`;
  }
  if (first === undefined) return true;
  const others =
    wrong > 1 ? `. ${counted(wrong - 1, "other row has", "other rows have")} such a value, too` : "";
  throw new ParrotError(
    "INVALID_INPUT",
    `Cannot take a model or parameter from ${first}${others}. Correct the cell, or give it a default as in \${column:-0.7}`,
    { file: input.name },
  );
}

/** What is wrong with the values of a row; `undefined` where all can be used. */
function problemOf(row: Row, values: readonly RowValue[]): string | undefined {
  for (const value of values) {
    try {
      value.of(row);
    } catch (error) {
      return `for ${value.flag} '${value.text}', ${messageOf(error)}`;
    }
  }
  return undefined;
}
