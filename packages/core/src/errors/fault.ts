import type { FailureStage } from "./failure.ts";
import type { Failed } from "../items/item.ts";
import { messageOf } from "./message-of.ts";
import { ParrotError } from "./parrot-error.ts";
import { rowName } from "../items/row-name.ts";
import type { Row } from "../items/row.ts";
import { NO_USAGE } from "../items/usage.ts";

/** After so many rows on which code threw that should never throw, the run stops. */
export const MAX_FAULTS = 100;

/** The failure of a row on which code threw that should never throw: this row fails, and the others go on. */
export function faultOf<R extends Row>(
  { index, row }: { readonly index: number; readonly row: R },
  stage: FailureStage,
  error: unknown,
): Failed<R> {
  const name = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  const message = `Cannot go on with ${rowName(index)}: code that must never throw threw ${name}${messageOf(error)}`;
  return { index, row, failure: { stage, code: "STAGE_FAILED", message, attempts: 0, usage: NO_USAGE } };
}

/** Counts the rows that failed with `STAGE_FAILED`. Code that throws on so many of them will throw on the others too. */
export class FaultLimit {
  #count = 0;

  /**
   * Counts a failed row, whatever it failed with.
   *
   * @param cause what was thrown, where that is known
   * @returns the error `TOO_MANY_FAULTS` from the {@linkcode MAX_FAULTS}th such row on, which must stop the run
   */
  add({ index, failure: { code, message } }: Failed, cause?: unknown): ParrotError | undefined {
    if (code !== "STAGE_FAILED") return undefined;
    this.#count += 1;
    if (this.#count < MAX_FAULTS) return undefined;
    return new ParrotError(
      "TOO_MANY_FAULTS",
      `${this.#count} rows failed because of an error in code (STAGE_FAILED), not because of the row, the answer or the server; the last was ${rowName(index)}: ${message}. The error is in parrot itself, or in a provider, output or limiter of your own: correct it or report this message, then continue`,
      { row: index, cause },
    );
  }
}
