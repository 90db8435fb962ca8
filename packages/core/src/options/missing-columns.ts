import { nearestNames } from "./nearest-names.ts";
import { ParrotError, type ParrotErrorOptions } from "../errors/parrot-error.ts";
import { quote, quoteAll } from "./quote.ts";

/**
 * The error of an option or a template that names columns which are not there. It tells the nearest that are.
 *
 * @param problem what cannot be done, up to the names, such as `Cannot fill the template: no column`.
 * @param columns the columns that exist.
 */
export function missingColumns(
  problem: string,
  missing: readonly string[],
  columns: readonly string[],
  options: Omit<ParrotErrorOptions, "column"> = {},
): ParrotError {
  const named = missing.map((name) => describeMissing(name, columns)).join(", ");
  const [column = ""] = missing;
  return new ParrotError("MISSING_COLUMN", `${problem} ${named}; the columns are ${quoteAll(columns)}`, {
    ...options,
    column,
  });
}

function describeMissing(name: string, columns: readonly string[]): string {
  const near = nearestNames(name, columns);
  return near.length === 0 ? quote(name) : `${quote(name)} (did you mean ${near.map(quote).join(" or ")}?)`;
}
