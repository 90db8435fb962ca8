import type { DedupeOptions } from "@parallel-parrot/tidy";
import type { RunOptions } from "../job/run-options.ts";
import { allSteps } from "../steps/all-steps.ts";
import { answerColumns } from "../steps/step-columns.ts";

/** The columns that tell where a row came from, which are different in each. */
const LINEAGE = ["_row", "_choice", "_item", "_warnings"];

/**
 * The columns by which rows of the output are compared: those that answers have brought, as the cells of the input are
 * mostly as many as its rows.
 */
export function comparedColumns(
  input: readonly string[] | undefined,
  options: RunOptions,
): Pick<DedupeOptions, "by" | "except"> {
  const except = new Set([...(input ?? []), ...LINEAGE]);
  // An answer takes the place of such a cell.
  for (const { wanted, onCollision } of allSteps(options))
    if (onCollision === "overwrite") for (const column of wanted.columns) except.delete(column);
  const answers = answerColumns(options);
  return input === undefined && answers.length > 0 ? { by: answers } : { except: [...except] };
}
