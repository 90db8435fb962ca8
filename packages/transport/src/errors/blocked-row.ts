import { rowName } from "@parallel-parrot/core";
import { RejectionError } from "./rejection-error.ts";

/**
 * The failure of a row that is refused as a key or a model is, while others are answered.
 *
 * @param index of the row; `undefined` for a request that belongs to no row
 */
export function blockedRow(error: RejectionError, index: number | undefined): RejectionError {
  const row = index === undefined ? "this request" : rowName(index);
  const message = `The server refuses ${row} and answers others: ${error.message}`;
  return new RejectionError({ verdict: "fail", code: "BLOCKED", message }, error);
}
