import { clip, type ParseJsonOptions } from "@parallel-parrot/core";

/** How a source gives JSON numbers that a JavaScript number would change. */
export interface LongNumbersOption {
  /**
   * How numbers come that a JavaScript number would change. `"bigint"`: an integer beyond 2^53 is a bigint, a decimal
   * with more digits than a number holds is the nearest one and counted in `rounded`, and what is too large for a number, such
   * as `1e400`, is its text. `"text"`: each of these is its text, as it was written.
   * @default "bigint"
   */
  readonly longNumbers?: LongNumbers;
}

export type LongNumbers = "bigint" | "text";

/** Numbers of an input that were rounded, so far. */
export interface RoundedNumbers {
  count: number;
  /** The first of them as it was written, if it is short, else its beginning. */
  first: string | undefined;
}

const MAX_SHOWN = 60;

function addRounded(rounded: RoundedNumbers, number: string): void {
  rounded.count += 1;
  rounded.first ??= clip(number, MAX_SHOWN);
}

/** How JSON is parsed for a source, so that the numbers that it rounds are counted. */
export function jsonNumbers(longNumbers: LongNumbers, rounded: RoundedNumbers): ParseJsonOptions {
  return longNumbers === "text"
    ? { numbers: "text" }
    : { onRounded: (number) => addRounded(rounded, number) };
}
