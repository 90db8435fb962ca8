import { faultOf, type Failed } from "@parallel-parrot/core";
import type { UnwritableRow } from "@parallel-parrot/formats";

/** The failures of rows that the output cannot hold: one for each row of the input. */
export class OutputFaults {
  #last: number | undefined;

  /** The failure of a row; `undefined` where another of its outputs has already made it fail. */
  add({ item, row, index, error }: UnwritableRow): Failed | undefined {
    const fault = faultOf(item ?? { index, row }, "formats", error);
    // The outputs of one row come one after the other.
    if (fault.index === this.#last) return undefined;
    this.#last = fault.index;
    return fault;
  }
}
