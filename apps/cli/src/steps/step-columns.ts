import type { ColumnType, ColumnTypes } from "@parallel-parrot/formats";
import type { RunOptions } from "../job/run-options.ts";
import { outputTypes } from "../run/output-types.ts";
import { allSteps } from "./all-steps.ts";

const TEXT: ColumnType = { type: "text" };

/**
 * The columns of the rows that come to each step, with their types, from those of the input; `undefined` for a step
 * whose rows may have any.
 */
export function typesOfSteps(
  input: ColumnTypes | undefined,
  options: RunOptions,
): readonly (ColumnTypes | undefined)[] {
  let known = input;
  return allSteps(options).map((step) => {
    const types = known;
    // Without a schema that names its columns, an answer may have any.
    known = types === undefined || step.wanted.columns.length === 0 ? undefined : outputTypes(types, step);
    return types;
  });
}

/** The same without types. */
export function columnsOfSteps(
  input: readonly string[] | undefined,
  options: RunOptions,
): readonly (readonly string[] | undefined)[] {
  const types = input && new Map(input.map((column) => [column, TEXT]));
  return typesOfSteps(types, options).map((known) => known && Array.from(known.keys()));
}

/** The columns that the answers of all steps bring, by the names that the steps give them. */
export function answerColumns(options: RunOptions): readonly string[] {
  return [...new Set(allSteps(options).flatMap(({ wanted }) => wanted.columns))];
}
