import type { ParseJsonOptions } from "@parallel-parrot/core";
import type { SourceNotes } from "./source-notes.ts";

/** How a source gives JSON numbers that a JavaScript number would change. */
export interface LongNumbersOption {
  /**
   * How numbers come that a JavaScript number would change. `"bigint"`: an integer beyond 2^53 is a bigint, a decimal
   * with more digits than a number holds is the nearest one and counted in `notes`, and what is too large for a number, such
   * as `1e400`, is its text. `"text"`: each of these is its text, as it was written.
   * @default "bigint"
   */
  readonly longNumbers?: LongNumbers;
}

export type LongNumbers = "bigint" | "text";

/** How cells come that a JavaScript number would change, and where it is told which of them were rounded. */
export interface CellNumbers {
  readonly longNumbers: LongNumbers;
  readonly notes: SourceNotes;
}

/** How JSON is parsed for a source, so that the numbers that it rounds are counted. */
export function jsonNumbers(longNumbers: LongNumbers, notes: SourceNotes): ParseJsonOptions {
  return longNumbers === "text"
    ? { numbers: "text" }
    : { onRounded: (number) => notes.add("ROUNDED_NUMBER", number) };
}
