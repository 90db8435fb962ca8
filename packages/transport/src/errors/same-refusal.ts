import { RejectionError } from "./rejection-error.ts";

/**
 * Why a run stops that is refused row after row.
 *
 * @param rows how many were refused with the same words
 */
export function sameRefusal(error: RejectionError, rows: number): RejectionError {
  const message = `${rows} rows in succession, and nothing that was sent after them was answered. The rows are asked again when the run goes on; maxSameRefusals sets their number, or 0 to never stop. The last refusal: ${error.message}`;
  return new RejectionError({ verdict: "stop", code: "SAME_REFUSAL", message }, error);
}
