import {
  checkOptions,
  flatMapStream,
  type OptionChecks,
  required,
  type Stage,
  wholeNumber,
} from "@parallel-parrot/core";
import { LowestRanks } from "./lowest-ranks.ts";

/** Options for {@linkcode sample} and {@linkcode sampleStream}. */
export interface SampleOptions {
  /** How many rows are drawn; all, where there are no more. They are held in memory until the input has ended. */
  readonly size: number;
  /** Another seed draws other rows. @default 1 */
  readonly seed?: number;
}

/**
 * Draws rows at random, each with the same chance, in one pass and with no more than `size` of them in memory. They
 * come in the order of the input.
 *
 * Each position has a number that the seed and the position alone decide, and the rows with the lowest numbers are
 * drawn. So the same seed draws the same positions of inputs of the same length, and a larger sample has all rows of a
 * smaller one.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function sample<T>(rows: Iterable<T>, options: SampleOptions): T[] {
  const lowest = lowestOf<T>(options);
  for (const row of rows) lowest.add(row);
  return lowest.all();
}

/** {@linkcode sample} as a stage. The first row comes out when the input has ended. */
export function sampleStream<T>(options: SampleOptions): Stage<T, T> {
  const lowest = lowestOf<T>(options);
  return flatMapStream(
    (row: T): readonly T[] => {
      lowest.add(row);
      return [];
    },
    { last: () => lowest.all() },
  );
}

const SAMPLE_OPTIONS: OptionChecks<SampleOptions> = {
  size: required(wholeNumber(0), "how many rows are drawn"),
  seed: wholeNumber(0),
};

function lowestOf<T>(options: SampleOptions): LowestRanks<T> {
  checkOptions("sample", options, SAMPLE_OPTIONS);
  const { size, seed = 1 } = options;
  return new LowestRanks(size, seed);
}
