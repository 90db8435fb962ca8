import type { Failed } from "../items/item.ts";
import { ParrotError } from "./parrot-error.ts";
import { rowName } from "../items/row-name.ts";

/** The error of a failed row, for a run that must not go on without it. */
export function rowFailed({ index, failure }: Failed): ParrotError {
  const { code, message } = failure;
  return new ParrotError("ROW_FAILED", `Cannot go on: ${rowName(index)} failed (${code}): ${message}`, {
    row: index,
  });
}
