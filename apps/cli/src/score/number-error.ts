/** How far numbers are from those that are right. */
export interface NumberScore {
  readonly meanError: number;
  readonly meanAbsoluteError: number;
  readonly rootMeanSquaredError: number;
  readonly largestError: number;
  /** Pearson's correlation; null where one side is always the same number. */
  readonly correlation: number | null;
  /** The share of the variance that is explained (R²); null where what is right is always the same number. */
  readonly explained: number | null;
}

/** Adds up how far numbers are from those that are right, in one pass and without loss of digits for large numbers. */
export class NumberError {
  count = 0;
  #error = 0;
  #absolute = 0;
  #squared = 0;
  #largest = 0;
  readonly #mean = { expected: 0, given: 0 };
  readonly #spread = { expected: 0, given: 0, both: 0 };

  add(expected: number, given: number): void {
    this.count += 1;
    const error = given - expected;
    this.#error += error;
    this.#absolute += Math.abs(error);
    this.#squared += error * error;
    this.#largest = Math.max(this.#largest, Math.abs(error));
    // Welford's method, as squares of large numbers would swallow their differences.
    const [mean, spread] = [this.#mean, this.#spread];
    const [before, beforeGiven] = [expected - mean.expected, given - mean.given];
    mean.expected += before / this.count;
    mean.given += beforeGiven / this.count;
    spread.expected += before * (expected - mean.expected);
    spread.given += beforeGiven * (given - mean.given);
    spread.both += before * (given - mean.given);
  }

  get score(): NumberScore {
    const { count } = this;
    const { expected, given, both } = this.#spread;
    return {
      meanError: this.#error / count,
      meanAbsoluteError: this.#absolute / count,
      rootMeanSquaredError: Math.sqrt(this.#squared / count),
      largestError: this.#largest,
      correlation: expected === 0 || given === 0 ? null : both / Math.sqrt(expected * given),
      explained: expected === 0 ? null : 1 - this.#squared / expected,
    };
  }
}
