import type { DedupeOptions } from "@parallel-parrot/tidy";
import type { RunOptions } from "../job/run-options.ts";

/** The columns that tell where a row came from, which are different in each. */
const LINEAGE = ["_row", "_choice", "_item", "_warnings"];

/**
 * The columns by which rows of the output are compared: those that answers have brought, as the cells of the input are
 * mostly as many as its rows.
 */
export function comparedColumns(
  input: readonly string[] | undefined,
  { wanted, onCollision }: Pick<RunOptions, "wanted" | "onCollision">,
): Pick<DedupeOptions, "by" | "except"> {
  const except = new Set([...(input ?? []), ...LINEAGE]);
  // An answer takes the place of such a cell.
  if (onCollision === "overwrite") for (const column of wanted.columns) except.delete(column);
  return input === undefined && wanted.columns.length > 0 ? { by: wanted.columns } : { except: [...except] };
}
